import LinliCore
import LinliSQL

/// Two entries that may be the same, and why.
package struct RegisterTwin: Sendable {
    /// What looks the same.
    package enum Sign: String, Sendable, CaseIterable {
        case number, nameAndBirth, phone, code, nameAndPlace, address, home, people

        /// What people read.
        package var name: Text {
            switch self {
            case .number: Text("证件号码相同", "Same number")
            case .nameAndBirth: Text("姓名和出生日期相同", "Same name and birth")
            case .phone: Text("手机号相同", "Same phone")
            case .code: Text("代码相同", "Same code")
            case .nameAndPlace: Text("名称和地方相同", "Same name and place")
            case .address: Text("门牌里的号码相同", "Same numbers in the address")
            case .home: Text("在同一处房屋", "In the same dwelling")
            case .people: Text("有同一个人住在两户里", "Somebody lives in both")
            }
        }
    }

    /// The other entry.
    package let item: RegisterItem
    /// Why it may be the same.
    package let sign: Sign
}

extension RegisterQueries {
    /// Entries that may be the same and are here: by number, name and birth, phone or code, or where one has no code by
    /// name and place; a dwelling by its address, a household by its dwelling or by who lives in both.
    package static func twins(of subject: RegisterSubject, _ tx: ReadTx) throws -> [RegisterTwin] {
        let table = table(of: subject.kind)
        var found: [(Int64, RegisterTwin.Sign)] = []
        func look(_ sign: RegisterTwin.Sign, _ same: SQL) throws {
            let ids = try tx.all(
                """
                SELECT o.id FROM \(table) p JOIN \(table) o ON \(same)
                WHERE p.id = \(subject.id) AND o.id <> p.id AND o.valid_to IS NULL ORDER BY o.id LIMIT 10
                """
            ) { try $0[0] as Int64 }
            for id in ids where !found.contains(where: { $0.0 == id }) { found.append((id, sign)) }
        }
        switch subject.kind {
        case .person:
            try look(.number, "o.number_hash = p.number_hash AND o.number_hash IS NOT NULL")
            try look(.nameAndBirth, "o.name = p.name AND o.born = p.born AND p.born > 0")
            try look(.phone, "o.phone_hash = p.phone_hash AND o.phone_hash IS NOT NULL AND o.name = p.name")
        case .organization:
            try look(.code, "o.credit_code = p.credit_code AND o.credit_code <> ''")
            // Two shops of a chain in one community are two; one whose address nobody wrote down may be any of them.
            try look(
                .nameAndPlace,
                """
                o.name = p.name AND o.community = p.community AND (o.credit_code = '' OR p.credit_code = '')
                AND (o.address = p.address OR o.address = '' OR p.address = '' OR o.place_id = p.place_id)
                """)
        case .thing:
            try look(.code, "o.code = p.code AND o.code <> ''")
            try look(
                .nameAndPlace,
                """
                o.name = p.name AND o.location = p.location AND p.location <> '' AND o.community = p.community
                AND (o.code = '' OR p.code = '')
                """)
        case .household:
            try look(.home, "o.dwelling_id = p.dwelling_id")
            // By the identifier and not by `p.id`: PostgreSQL would ask it of every household there is.
            try look(
                .people,
                """
                o.id IN (SELECT b.household_id FROM residence a JOIN residence b ON b.person_id = a.person_id
                    WHERE a.household_id = \(subject.id) AND a.valid_to IS NULL AND b.valid_to IS NULL
                    AND a.tie NOT IN ('registeredOnly', 'ownerElsewhere')
                    AND b.tie NOT IN ('registeredOnly', 'ownerElsewhere'))
                """)
        case .dwelling:
            try look(.address, "o.place_id = p.place_id AND o.number = p.number")
            if let dwelling = try dwelling(ID(rawValue: subject.id), tx) {
                for id in try spelledOtherwise(dwelling, tx) where !found.contains(where: { $0.0 == id }) {
                    found.append((id, .address))
                }
            }
        }
        return try found.compactMap { id, sign in
            try item(RegisterSubject(subject.kind, id), tx).map { RegisterTwin(item: $0, sign: sign) }
        }
    }
}
