import LinliCore

/// What Web is told at the start.
package struct WebSettings: Sendable {
    /// Where it listens.
    package var host: String
    package var port: Int
    /// The address people use, `https://linli.example`; for QR codes and for cookies' Secure.
    package var origin: String
    /// Whether `X-Forwarded-For` comes from our own proxy and may be believed.
    package var trustsProxy: Bool
    /// Where uploads wait until a handler takes them.
    package var temporaryFolder: String
    /// Where Leaflet lies, `/usr/share/javascript`.
    package var vendorFolder: String
    /// Anonymous forms a minute from one address; 0 does not limit.
    package var anonymousFormsPerMinute: Int
    /// Forms and API calls that change something, a minute from one account; 0 does not limit.
    package var accountFormsPerMinute: Int
    /// What an account that still owes its second factor may send in a minute; 0 does not limit.
    /// - Source: configured, no source
    package var secondFactorsPerMinute = 20
    /// Pages and calls of the API a minute that only read, from one address without an account; 0 does not limit.
    package var requestsPerMinute: Int
    /// The same from one account, by session or token; 0 does not limit.
    package var accountRequestsPerMinute: Int
    /// What `/health` and the log call this program.
    package var version: String

    /// Settings; see the properties.
    package init(
        host: String = "127.0.0.1",
        port: Int = 8080,
        origin: String = "",
        trustsProxy: Bool = false,
        temporaryFolder: String,
        vendorFolder: String = "/usr/share/javascript",
        anonymousFormsPerMinute: Int = 30,
        accountFormsPerMinute: Int = 300,
        requestsPerMinute: Int = 1200,
        accountRequestsPerMinute: Int = 1200,
        version: String = "0.1.0"
    ) {
        self.host = host
        self.port = port
        self.origin = origin.isEmpty ? "http://\(host):\(port)" : origin
        self.trustsProxy = trustsProxy
        self.temporaryFolder = temporaryFolder
        self.vendorFolder = vendorFolder
        self.anonymousFormsPerMinute = anonymousFormsPerMinute
        self.accountFormsPerMinute = accountFormsPerMinute
        self.requestsPerMinute = requestsPerMinute
        self.accountRequestsPerMinute = accountRequestsPerMinute
        self.version = version
    }

    var isSecure: Bool { origin.hasPrefix("https://") }
}
