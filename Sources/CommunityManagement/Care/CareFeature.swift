import LinliCore
import LinliKernel
import LinliSQL

extension Feature {
    /// Care 需要关照的家庭: families that labels point out, the services they may have, who offered them, what they said,
    /// and whether it reached them.
    ///
    /// For who looks after people of a grid or community; streets and districts read counts, small ones as "<5". Residents
    /// see on `/me/services` what is suggested to them and why, answer, and say no to such use of their data in one tap.
    /// Units that give services see what is wanted of them, without a name before they take it and without the person's
    /// consent, and say what came of it. Whom the rule does not name is offered a service for a reason only.
    /// Pages: `/desk/care`, `/desk/care/people/:id`, `/desk/care/services`, `/desk/care/labels`, `/desk/deliveries`.
    package static let care = Feature(
        id: "care",
        name: Text("需要关照的家庭", "Families to look after"),
        routes: CareRoutes.all + CareStepRoutes.all + CareCoverageRoutes.all + CareLabelsRoutes.all
            + CareTaskRoutes.all + OwnServicesRoutes.all + CareAPI.all + CareTasksAPI.all,
        migrations: [.care, .careTasks, .careGrids, .careExceptions, .careTold, .careReturnsClosed, .careReturnsGone],
        jobs: [.careReturns],
        subscribers: [.careErased, .careGrids, .careReturns],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("需要关照的家庭", "Families to look after"),
                icon: "heart",
                path: "/desk/care",
                permission: .peopleRead
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("服务送到没有", "Who is reached"),
                icon: "check",
                path: "/desk/care/services",
                permission: .labelsCounts
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("服务单", "Services to bring"),
                icon: "box",
                path: "/desk/deliveries",
                permission: .careDeliver
            ),
        ],
        panels: [CarePanel.panel],
        placePanels: [CarePanel.atPlaces],
        registerRows: [.careOffers],
        ownData: [.ofCare]
    )
}

extension Subscriber {
    /// Who is erased from the registers leaves no words behind in what was offered and delivered.
    static let careErased = Subscriber(
        "care.erased",
        kinds: ["registers.changed"],
        .inStore { tx, event in
            guard event.subject.kind == RegisterKind.person.rawValue, event.facts["what"] == "erased" else { return }
            let offers: SQL = "SELECT id FROM care_offer WHERE person_id = \(event.subject.id)"
            try tx.execute(
                """
                UPDATE care_offer SET reason_sealed = NULL, exception_sealed = NULL
                WHERE person_id = \(event.subject.id)
                """)
            try tx.execute(
                "UPDATE care_delivery SET signer = '', note_sealed = NULL, file_id = NULL WHERE offer_id IN (\(offers))"
            )
        }
    )
}

extension Migration {
    /// Services offered to people, what they said, and what was delivered.
    static let care = Migration(
        "2026-11-26.61-care",
        """
        CREATE TABLE care_offer (
            id INTEGER NOT NULL PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id),
            service TEXT NOT NULL CHECK (length(service) <= 40),
            grid INTEGER NOT NULL,
            community INTEGER NOT NULL,
            street INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'ended')),
            how TEXT NOT NULL CHECK (length(how) <= 20),
            offered_at INTEGER NOT NULL,
            offered_by INTEGER REFERENCES account (id),
            answered_at INTEGER,
            answered_how TEXT CHECK (length(answered_how) <= 20),
            reason_sealed BLOB,
            again_at INTEGER,
            delivered_at INTEGER,
            due_at INTEGER,
            ended_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX care_offer_live ON care_offer (person_id, service) WHERE ended_at IS NULL;
        CREATE INDEX care_offer_person ON care_offer (person_id, id);
        CREATE INDEX care_offer_community ON care_offer (community, service, grid) WHERE ended_at IS NULL;
        CREATE INDEX care_offer_street ON care_offer (street, service, community) WHERE ended_at IS NULL;
        CREATE TABLE care_delivery (
            id INTEGER NOT NULL PRIMARY KEY,
            offer_id INTEGER NOT NULL REFERENCES care_offer (id),
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            signer TEXT NOT NULL CHECK (length(signer) <= 60),
            note_sealed BLOB,
            file_id INTEGER REFERENCES stored_file (id)
        ) STRICT;
        CREATE INDEX care_delivery_offer ON care_delivery (offer_id, id);
        CREATE INDEX care_delivery_at ON care_delivery (at, offer_id);
        CREATE INDEX care_delivery_file ON care_delivery (file_id) WHERE file_id IS NOT NULL;
        """
    )
}
