import LinliCore
import LinliSQL

/// Who may call a route. There is no default: leaving it out does not compile.
package enum Access: Sendable {
    /// Everyone, signed in or not.
    case `public`
    /// Everyone who signed in.
    case signedIn
    /// Staff with any duty, after the second factor.
    case staff
    /// Staff whose duties include the permission, after the second factor.
    case permission(Permission)
    /// A program with a bearer token; the handler checks what it may see, as for the person the token belongs to.
    case token
    /// A program with a key in the field `api_key`, looked up before the handler runs; where it is not required,
    /// everybody else too. Cookies do not count there, so forms carry no token.
    case key(isRequired: Bool)
}

/// A path and what happens there.
package struct Route: Sendable {
    /// What handles a request: query or command, then a reply.
    package typealias Handler = @Sendable (Request, Services) async throws -> Reply
    /// Says a failure in the words of a protocol; gets the path that was asked for.
    package typealias Refusal = @Sendable (LinliError, _ path: String, Language) -> Reply

    /// The method.
    package let method: Request.Method
    /// `/cases/:id`; parts that begin with a colon are parameters.
    package let path: String
    /// Who may call it.
    package let access: Access
    /// What the API's documentation says; nil for pages.
    package let operation: Operation?
    /// How failures are said, also those before the handler; nil for our own pages and problem details.
    package let refuse: Refusal?
    /// What happens.
    package let handle: Handler

    /// A route; see the properties.
    package init(
        _ method: Request.Method,
        _ path: String,
        access: Access,
        operation: Operation? = nil,
        refuse: Refusal? = nil,
        _ handle: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.operation = operation
        self.refuse = refuse
        self.handle = handle
    }

    /// A page or document.
    package static func get(_ path: String, access: Access, _ handle: @escaping Handler) -> Route {
        Route(.get, path, access: access, handle)
    }

    /// A form.
    package static func post(_ path: String, access: Access, _ handle: @escaping Handler) -> Route {
        Route(.post, path, access: access, handle)
    }
}

/// An entry of the desk's menu.
package struct MenuEntry: Sendable {
    /// The heading it stands under.
    package let group: Text
    /// What it says.
    package let name: Text
    /// The icon's name in the sprite.
    package let icon: String
    /// Where it leads.
    package let path: String
    /// What a reader must be allowed for it to show.
    package let permission: Permission

    /// A menu entry.
    package init(group: Text, _ name: Text, icon: String, path: String, permission: Permission) {
        self.group = group
        self.name = name
        self.icon = icon
        self.path = path
        self.permission = permission
    }
}

/// What a feature shows on the page of something in the registers: its visits on the page of a household, its cases on
/// that of a dwelling. So a page shows what is around a thing without knowing who knows of it.
package struct Panel: Sendable {
    /// Reads what is shown; nil when there is nothing to say.
    package typealias Show = @Sendable (RegisterSubject, DivisionCode, Request, Services) async throws -> HTML?
    /// Reads the same for programs.
    package typealias List = @Sendable (RegisterSubject, DivisionCode, Request, Services) async throws -> [Line]

    /// Something around an entry, for programs.
    package struct Line: Sendable {
        /// What it is: `case`, `finding`, `warning`, `visit`, `thing`.
        package let kind: String
        /// Its identifier.
        package let id: String
        /// What people call it.
        package let title: Text
        /// How it stands, and where.
        package let detail: Text
        /// When; nil for what is simply there.
        package let at: Instant?

        /// A line; see the properties.
        package init(_ kind: String, _ id: String, _ title: Text, _ detail: Text, at: Instant? = nil) {
            self.kind = kind
            self.id = id
            self.title = title
            self.detail = detail
            self.at = at
        }
    }

    /// The stable name.
    package let id: String
    /// On the pages of which kinds it stands.
    package let kinds: Set<RegisterKind>
    /// What a reader must be allowed for it to show.
    package let permission: Permission
    /// What is shown of one thing that lies in a division.
    package let show: Show
    /// The same for programs; nil where operations of their own answer it.
    package let list: List?

    /// A panel; see the properties.
    package init(
        _ id: String, on kinds: Set<RegisterKind>, permission: Permission, list: List? = nil, _ show: @escaping Show
    ) {
        self.id = id
        self.kinds = kinds
        self.permission = permission
        self.list = list
        self.show = show
    }
}

/// What a feature shows on the page of a place: its cases, its visits, its findings, there and in everything inside.
package struct PlacePanel: Sendable {
    /// Reads what is shown; nil when there is nothing to say.
    package typealias Show = @Sendable (PlaceAround, Request, Services) async throws -> HTML?

    /// The stable name.
    package let id: String
    /// What a reader must be allowed for it to show.
    package let permission: Permission
    /// What is shown of a place.
    package let show: Show

    /// A panel; see the properties.
    package init(_ id: String, permission: Permission, _ show: @escaping Show) {
        self.id = id
        self.permission = permission
        self.show = show
    }
}

/// Everything a feature is, in one value: what is not declared here does not exist.
package struct Feature: Sendable {
    /// The stable name.
    package let id: String
    /// What people call it.
    package let name: Text
    /// Its paths.
    package let routes: [Route]
    /// The permissions it checks.
    package let permissions: [Permission]
    /// Steps of its schema.
    package let migrations: [Migration]
    /// Its definitions of cases, YAML texts.
    package let caseTypes: [String]
    /// Work it does later or regularly.
    package let jobs: [JobKind]
    /// Events it listens to.
    package let subscribers: [Subscriber]
    /// Its entries in the desk's menu.
    package let menu: [MenuEntry]
    /// What it shows on the pages of the registers.
    package let panels: [Panel]
    /// What it shows on the page of a place.
    package let placePanels: [PlacePanel]
    /// Where its tables name places.
    package let placeUses: [PlaceUse]
    /// What its tables keep of entries of the registers.
    package let registerRows: [RegisterRows]
    /// What it keeps of somebody, for the copy of their own data.
    package let ownData: [OwnDataPart]
    /// What goes along on a phone without a network, and comes back.
    package let offline: [OfflinePart]

    /// A feature; leave out what it does not have.
    package init(
        id: String,
        name: Text,
        routes: [Route] = [],
        permissions: [Permission] = [],
        migrations: [Migration] = [],
        caseTypes: [String] = [],
        jobs: [JobKind] = [],
        subscribers: [Subscriber] = [],
        menu: [MenuEntry] = [],
        panels: [Panel] = [],
        placePanels: [PlacePanel] = [],
        placeUses: [PlaceUse] = [],
        registerRows: [RegisterRows] = [],
        ownData: [OwnDataPart] = [],
        offline: [OfflinePart] = []
    ) {
        self.id = id
        self.name = name
        self.routes = routes
        self.permissions = permissions
        self.migrations = migrations
        self.caseTypes = caseTypes
        self.jobs = jobs
        self.subscribers = subscribers
        self.menu = menu
        self.panels = panels
        self.placePanels = placePanels
        self.placeUses = placeUses
        self.registerRows = registerRows
        self.ownData = ownData
        self.offline = offline
    }
}

/// The features of a deployment, checked: no id, route or permission twice, and one name for a parameter of paths that
/// begin alike.
package struct Catalogue: Sendable {
    /// Every feature.
    package let features: [Feature]

    /// Joins the features of all modes.
    ///
    /// - Throws: a fault that names what is declared twice.
    package init(_ features: [Feature]) throws {
        self.features = features
        menu = features.flatMap(\.menu)
        var seen: Set<String> = []
        for feature in features {
            let names =
                ["feature \(feature.id)"]
                + feature.routes.map { "route \($0.method.rawValue) \(Catalogue.shape($0.path))" }
                + feature.permissions.map { "permission \($0.key)" }
                + feature.migrations.map { "migration \($0.id)" }
                + feature.jobs.map { "job \($0.id)" }
                + feature.subscribers.map { "subscriber \($0.id)" } + feature.panels.map { "panel \($0.id)" }
                + feature.placePanels.map { "place panel \($0.id)" }
                + feature.placeUses.map { "place use \($0.name)" } + feature.offline.map { "offline \($0.id)" }
                + feature.registerRows.map { "register rows \($0.name)" }
                + feature.ownData.map { "own data \($0.id)" }
            for name in names where !seen.insert(name).inserted {
                throw LinliError.fault("catalogue.twice", "\(name) is declared twice")
            }
        }
        try Catalogue.checkParameters(features.flatMap(\.routes))
    }

    /// The router would stop the program when `/a/:x` and `/a/:y/b` are both declared.
    private static func checkParameters(_ routes: [Route]) throws {
        var known: [String: Substring] = [:]
        for route in routes {
            var beginning = ""
            for part in route.path.split(separator: "/") {
                if part.hasPrefix(":"), let other = known.updateValue(part, forKey: beginning), other != part {
                    throw LinliError.fault("catalogue.parameter", "\(route.path): elsewhere \(part) is called \(other)")
                }
                beginning += part.hasPrefix(":") ? "/:" : "/\(part)"
            }
        }
    }

    /// Every panel for the pages of a kind, in the order of the features.
    package func panels(on kind: RegisterKind) -> [Panel] {
        features.flatMap(\.panels).filter { $0.kinds.contains(kind) }
    }

    /// Every panel for the page of a place, in the order of the features.
    package var placePanels: [PlacePanel] { features.flatMap(\.placePanels) }
    /// Every column that names a place, the kernel's first.
    package var placeUses: [PlaceUse] { PlaceUse.kernel + features.flatMap(\.placeUses) }
    /// Every part of the copy of one's own data, in the order of the features.
    package var ownData: [OwnDataPart] { features.flatMap(\.ownData) }
    /// Every table that keeps something of entries of the registers, the kernel's first.
    package var registerRows: [RegisterRows] { RegisterRows.kernel + [.ofLabels] + features.flatMap(\.registerRows) }
    /// Every part of what goes along on a phone, in the order of the features.
    package var offline: [OfflinePart] { features.flatMap(\.offline) }
    /// Every route.
    package var routes: [Route] { features.flatMap(\.routes) }
    /// Every entry of the desk's menu.
    package let menu: [MenuEntry]
    /// Every step of the schema, the kernel's first.
    package var migrations: [Migration] { Migration.kernel + features.flatMap(\.migrations) }
    /// Every permission.
    package var permissions: [Permission] { Permission.kernel + features.flatMap(\.permissions) }
    /// Every kind of job, the kernel's first.
    package var jobs: [JobKind] { JobKind.kernel + features.flatMap(\.jobs) }
    /// Every subscriber, the kernel's first.
    package var subscribers: [Subscriber] {
        Subscriber.kernel + features.flatMap(\.subscribers)
    }

    /// The path with its parameters unnamed, so that `/a/:x` and `/a/:y` count as the same.
    private static func shape(_ path: String) -> String {
        path.split(separator: "/").map { $0.hasPrefix(":") ? ":" : String($0) }.joined(separator: "/")
    }
}
