extension PagePartners {
    /// What the program says of its pages.
    static let all = PagePartners(
        partners: [residents, ownData, cases, desk, grid, people, administration], browser: browserOnly)

    /// Pages that only make sense in a browser, and why. Those of features come first, then what the server serves
    /// itself.
    private static let browserOnly = """
        POST /preferences: language, elder mode and dark: how pages look in this browser; programs send Accept-Language
        GET /sign-in/second: the second factor belongs to a device; a program's token is made after it
        POST /sign-in/second: the second factor belongs to a device; a program's token is made after it
        GET /setup/:token: a person chooses a password that no program should know
        POST /setup/:token: a person chooses a password that no program should know
        GET /q/:code: leads from a code on a wall to the form with its place filled in; a program names the place
        GET /desk/paste/photos/:proof: shows a picture of the form that keeps what was typed; a program has its own
        GET /desk/orders/template: an empty sheet to be filled in by hand; a program sends orders as JSON
        GET /grid/pass: somebody shows it at a door, on their phone
        GET /grid/pass/code: somebody shows it at a door, on their phone; it changes by itself
        GET /pass/:token: who is shown a pass looks at a face and a name
        GET /grid/phone: the app a phone keeps, with its PIN and its encrypted copy
        GET /grid/phone/state: asked by that app about its own lease
        GET /grid/phone/entries: what that app sent and could not be done, decided by who was there
        POST /grid/phone/entries/:id: what that app sent and could not be done, decided by who was there
        POST /grid/phone/lease: leave for one phone and session to carry a grid, encrypted under its PIN
        POST /grid/phone/sync: entries sealed on that phone; a program with a network calls the operations themselves
        POST /grid/phone/end: ends the lease of a lost phone, which only that app has
        GET /open311/v2/:resource: an interface for programs itself, with a protocol of its own
        POST /open311/v2/:resource: an interface for programs itself, with a protocol of its own
        GET /open311/v2/:resource/:entry: an interface for programs itself, with a protocol of its own
        GET /assets/:version/:name: styles and scripts of pages
        GET /vendor/leaflet/:name: the script that draws maps on pages
        GET /tiles/:z/:x/:y: pictures under the maps of pages
        GET /manifest.webmanifest: how a browser puts the pages on a phone's screen
        GET /worker.webmanifest: how a browser puts the phone's app on its screen
        GET /sw.js: the script with which a browser keeps pages without a network
        GET /offline: what a browser shows without a network
        GET /outbox/token: the form token of a page whose words were kept without a network
        GET /live: for programs as it is: it takes a bearer token, see docs/operations/api.md
        GET /continue/:token: goes on with a form that was interrupted by signing in
        GET /health: for monitors as it is, without a token
        GET /metrics: for monitors as it is, from the machine itself
        """
}
