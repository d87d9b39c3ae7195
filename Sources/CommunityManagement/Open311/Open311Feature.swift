import LinliCore
import LinliKernel

extension Feature {
    /// Open311 GeoReport v2 under `/open311/v2`: other systems offer our categories, tell needs and read what is public.
    ///
    /// For programs of other organizations, with a key that the operator makes (`linli user key`). Every document in XML
    /// and JSON, by the end of its path: `discovery`, `services`, `services/CODE`, `requests` (GET, POST),
    /// `requests/NUMBER`, `tokens/TOKEN`. One pattern per depth, so that whatever is asked for is answered in its form.
    /// - Source: GeoReport v2, wiki.open311.org
    package static let open311 = Feature(
        id: "open311",
        name: Text("Open311 接口", "Open311"),
        routes: [
            Route(
                .get, "/open311/v2/:resource", access: .key(isRequired: false), refuse: Open311Refusal.reply,
                Open311Routes.document
            ),
            Route(
                // Whose key is missing is said by the one document that takes something.
                .post, "/open311/v2/:resource", access: .key(isRequired: false), refuse: Open311Refusal.reply,
                Open311Routes.create
            ),
            Route(
                .get, "/open311/v2/:resource/:entry", access: .key(isRequired: false), refuse: Open311Refusal.reply,
                Open311Routes.entry
            ),
        ],
        migrations: [.open311]
    )
}
