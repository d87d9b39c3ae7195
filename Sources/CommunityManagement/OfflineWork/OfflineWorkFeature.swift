import LinliCore
import LinliKernel

extension Feature {
    /// Work without a network 离线台账: the households of a grid on a worker's phone for one duty, encrypted under a PIN,
    /// and what was done there on its way back.
    ///
    /// For grid workers. Pages: `/grid/phone` (the app that the phone keeps) and `/grid/phone/entries` (what is not done
    /// yet, and leases that run). What else goes along is declared by the features that know it (`Feature.offline`).
    package static let offlineWork = Feature(
        id: "offlineWork",
        name: Text("离线台账", "Work without a network"),
        routes: OfflineWorkRoutes.all,
        offline: [
            OfflinePart(
                "households", permission: .peopleRead,
                give: { _, households, _, _ in
                    var json = JSONWriter(capacity: households.count * 1200 + 16)
                    json.array { list in
                        for household in households { household.write(to: &list) }
                    }
                    return json
                },
                take: OfflineHouseholds.take, present: OfflinePresent.households
            )
        ]
    )
}
