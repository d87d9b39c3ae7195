import LinliCore
import LinliKernel
import LinliStandards

/// What goes along on a phone: the lease, the words of the forms, the grid as a map draws it, and every part.
struct OfflineBundle {
    let lease: OfflineLease
    let parts: [(id: String, json: JSONWriter)]
    let outline: GridOutline?
    let places: [PlaceSummary]
    let account: AccountSummary
    let gridName: String
    /// Until when what is done under the lease can be opened.
    let lateAt: Instant

    /// Reads everything for a lease that was just given.
    init(
        _ lease: OfflineLease, _ households: [OfflineHousehold], _ account: AccountSummary, _ context: Context,
        _ services: Services
    ) async throws {
        self.lease = lease
        self.account = account
        gridName = services.divisions.place(lease.division)
        lateAt = lease.expiresAt.adding(days: services.offline.keptDays)
        (outline, places) = try await services.database.read { tx in
            (
                try GridAreasStore.outlines(in: lease.division, at: context.now, tx).first,
                try PlacesStore.tree(in: lease.division, tx)
            )
        }
        var parts: [(id: String, json: JSONWriter)] = []
        for part in services.features.offline where context.actor.may(part.permission) {
            parts.append((part.id, try await part.give(lease, households, context, services)))
        }
        self.parts = parts
    }

    /// As the phone reads it.
    var json: JSONWriter {
        var json = JSONWriter(capacity: 8192 + parts.reduce(0) { $0 + $1.json.bytes.count })
        json.object { json in
            json.key("lease")
            json.object { json in
                json.field("id", "\(lease.id)")
                json.field("division", "\(lease.division)")
                json.field("grid", gridName)
                json.field("issued", lease.issuedAt.milliseconds)
                json.field("expires", lease.expiresAt.milliseconds)
                json.field("late", lateAt.milliseconds)
                json.field("key", hex(lease.publicKey))
            }
            json.field("user", "\(account.id)")
            json.field("name", account.name)
            json.key("fields")
            json.array { list in
                for field in OfflineFields.all { OfflineFields.write(field, to: &list) }
            }
            write(HouseholdRelation.allCases.map { ($0.rawValue, $0.name) }, under: "relations", to: &json)
            write(ResidenceTie.allCases.map { ($0.rawValue, $0.name) }, under: "ties", to: &json)
            json.key("outline")
            if let outline { outline.area.writeGeoJSON(to: &json) } else { json.value(nil as String?) }
            json.key("places")
            json.array { list in
                for place in places { OfflineBundle.write(place, to: &list) }
            }
            for part in parts {
                json.key(dynamic: part.id)
                json.value(json: part.json.bytes)
            }
        }
        return json
    }

    private func write(_ words: [(id: String, name: Text)], under name: StaticString, to json: inout JSONWriter) {
        json.key(name)
        json.array { list in
            for word in words { OfflineFields.write(word.id, word.name, to: &list) }
        }
    }

    private static func write(_ place: PlaceSummary, to json: inout JSONWriter) {
        json.object { json in
            json.field("id", "\(place.id)")
            json.field("kind", place.kind.rawValue)
            json.field("name", place.name)
            json.field("address", place.address)
            if let latitude = place.latitude, let longitude = place.longitude {
                json.key("at")
                json.array { list in
                    list.value(longitude)
                    list.value(latitude)
                }
            }
        }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// The fields that can be filled in on a phone, with what they take.
enum OfflineFields {
    static let all = RegisterField.all.filter { OfflineHouseholds.isOffered($0) }

    static func write(_ field: RegisterField, to json: inout JSONWriter) {
        json.object { json in
            json.field("id", field.id)
            json.field("zh", field.name.zh)
            json.field("en", field.name.en)
            json.field("closed", field.fieldClass != .basic)
            switch field.value {
            case .text(let limit): json.field("limit", Int64(limit))
            case .day: json.field("type", "date")
            case .flag: write([.init("1", Text("是", "Yes")), .init("0", Text("否", "No"))], to: &json)
            case .choice(let choices): write(choices, to: &json)
            case .phone: json.field("type", "tel")
            case .whole, .decimal, .citizenNumber, .creditCode, .componentCode, .point: json.field("limit", 30)
            }
        }
    }

    private static func write(_ choices: [RegisterField.Choice], to json: inout JSONWriter) {
        json.key("choices")
        json.array { list in
            for choice in choices { write(choice.id, choice.name, to: &list) }
        }
    }

    static func write(_ id: String, _ name: Text, to json: inout JSONWriter) {
        json.object { json in
            json.field("id", id)
            json.field("zh", name.zh)
            json.field("en", name.en)
        }
    }
}
