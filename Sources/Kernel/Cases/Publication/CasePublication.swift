import LinliCore
import LinliSQL
import LinliStandards

/// What the person who told a case said about showing it to neighbours.
package enum Consent: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// Nothing.
    case unasked
    /// They want it to be seen, without who they are.
    case given
    /// They do not want it to be seen.
    case refused
}

extension Spot {
    /// Whether it stands in the open.
    fileprivate var isOutside: Bool { self == .street || self == .estate }
}

/// On what ground a case may be shown to neighbours at all.
package enum PublicGround: Sendable, Equatable {
    /// A facility or the environment in public space: public unless its reporter objects.
    case publicSpace
    /// Anything else that its reporter wants to be seen.
    case consent

    /// The ground of a case; nil when it has none and stays private.
    ///
    /// A tip-off has none, and neither has a case against a unit: not even its reporter can change that, because a text
    /// about somebody can name them in ways no clearing finds. Who complains or asks for help is shown only if they want;
    /// what a grid worker found nobody asked for.
    package init?(
        nature: NeedNature, source: CaseSource, isFacility: Bool, spot: Spot, isAgainst: Bool, consent: Consent
    ) {
        guard !isAgainst, nature != .tipOff, consent != .refused else { return nil }
        let asksForHelp = nature == .assistance && source != .grid
        if isFacility, spot.isOutside, !nature.isProtected, !asksForHelp {
            self = .publicSpace
        } else if consent == .given {
            self = .consent
        } else {
            return nil
        }
    }

    /// Whether others may say that they have the same trouble: a facility or the environment in public space, whoever asks
    /// for help with it. They are told of its kind and nothing of its words, unless staff cleared those.
    static func isCommon(
        nature: NeedNature, isFacility: Bool, spot: Spot, isAgainst: Bool, consent: Consent = .unasked
    ) -> Bool {
        isFacility && spot.isOutside && !nature.isProtected && !isAgainst && consent != .refused
    }
}

/// Whether neighbours see a case.
package enum PublicationState: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// It may be public, and staff have not cleared its words yet.
    case waiting
    /// Everybody sees what staff cleared.
    case cleared
    /// Nobody sees it; `WithheldBy` says why.
    case withheld
}

/// Why a case is withheld.
package enum WithheldBy: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// It is not withheld.
    case nobody
    /// Staff decided so.
    case staff
    /// Its reporter does not want it to be seen, or took the case back.
    case reporter
    /// It was corrected to a kind of matter that is private.
    case kind
    /// It is, or once was, a complaint or tip-off: only its reporter can open it again.
    case nature
}

/// What neighbours see of a case, or would see once staff clear it.
package struct CasePublication: Sendable {
    package let state: PublicationState
    package let withheldBy: WithheldBy
    package let consent: Consent
    /// Whether staff should look at it: it waits, or it is done and the public does not read yet what was done.
    package let isDue: Bool
    /// Words as staff cleared them; empty until they did. The original stays in the case.
    package let title: String
    package let text: String
    /// What was done.
    package let result: String
    /// Where it is, never a door.
    package let address: String
    /// When neighbours saw it first.
    package let publishedAt: Instant?
    package let version: Int
    /// The photos neighbours see.
    package let photos: [ID<StoredFile>]

    static let columns: SQL = """
        p.state, p.withheld_by, p.consent, p.is_due, p.title, p.text, p.result, p.address, p.published_at, p.version
        """

    init(_ row: Row, photos: [ID<StoredFile>]) throws {
        state = try row[0]
        withheldBy = try row[1]
        consent = try row[2]
        isDue = try row[3]
        title = try row[4]
        text = try row[5]
        result = try row[6]
        address = try row[7]
        publishedAt = try row[8]
        version = try row[9]
        self.photos = photos
    }
}

/// What staff clear: the words neighbours read and the photos they see.
package struct Clearing: Sendable {
    package var title: String
    package var text: String
    package var result: String
    package var address: String
    package var photos: [ID<StoredFile>]

    /// Words and photos for neighbours.
    package init(title: String, text: String, result: String = "", address: String, photos: [ID<StoredFile>] = []) {
        self.title = title
        self.text = text
        self.result = result
        self.address = address
        self.photos = photos
    }

    /// What cannot be shown as it is; `known` are the photos the case has.
    func problems(known: Set<ID<StoredFile>>) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        func check(_ name: String, _ value: String, limit: Int, isNeeded: Bool, _ missing: Text) {
            if isNeeded, value.isEmpty { problems.append(.init(name, missing)) }
            // As the store counts: one emoji can be seven.
            if value.unicodeScalars.count > limit {
                problems.append(.init(name, Text("最多 \(limit) 个字", "At most \(limit) characters")))
            }
        }
        check("title", title, limit: 40, isNeeded: true, Text("请写一个标题", "Please write a title"))
        check("words", text, limit: 1000, isNeeded: true, Text("请写公开的内容", "Please write what neighbours read"))
        check("result", result, limit: 1000, isNeeded: false, Text(same: ""))
        check("address", address, limit: 60, isNeeded: false, Text(same: ""))
        if address.contains(#/(单元|号楼|栋|幢|座|层) ?[0-9]{3,4}|[0-9]{2,4} ?[室户]/#) {
            let words = Text("只写到小区、楼栋或单元，不写几号门", "Name the estate, the building or the stairs, and no door")
            problems.append(.init("address", words))
        }
        if !photos.allSatisfy(known.contains) {
            problems.append(.init("photos", Text("有照片不是这件事的", "A photo is not of this case")))
        }
        return problems
    }

    /// Without blanks around, and with phone and citizen numbers and plates masked: staff overlook them too.
    var tidy: Clearing {
        func masked(_ text: String) -> String { Clearing.withoutPlates(LiftedText(text.trimmed).masked) }
        return Clearing(
            title: masked(title), text: masked(text), result: masked(result), address: masked(address), photos: photos)
    }

    /// `text` with the plates of cars masked: `京A****`.
    private static func withoutPlates(_ text: String) -> String {
        let plate =
            #/([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[·• ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]/#
        return text.replacing(plate) { "\($0.output.1)****" }
    }
}

/// Where a case is, as neighbours may know it: public space, an estate, a village; never a building or a door.
package struct PublicWhereabouts: Sendable, Equatable {
    /// The place that may be named.
    package let place: ID<Place>?
    /// Its address; empty when none may be named.
    package let address: String
    /// WGS 84, rounded; nil where even a rounded point would say too much.
    package let latitude: Double?
    package let longitude: Double?

    /// What may be told of a case at the innermost of `chain`, which is a place and what it is part of.
    ///
    /// In the street the point is kept to some ten metres when a public place was named; else, and on the grounds of an
    /// estate, to some hundred, because a phone that was asked for its position may have been at home; from stairs and
    /// homes only the estate's own point is told.
    package init(spot: Spot, chain: [PlaceSummary], latitude: Double?, longitude: Double?) {
        let isOutside = spot == .street || spot == .estate
        let named = chain.first { place in
            switch place.kind {
            case .publicSpace, .estate: true
            // A yard of the lane is a handful of families; the lane is not, and a yard alone is named for what lies in it.
            case .courtyard: place.parent == nil && isOutside
            case .village: place.parent == nil
            // A group of a village is a few families.
            case .group: false
            case .building, .businessBuilding, .floor, .entrance: false
            }
        }
        place = named?.id
        address = named?.address ?? ""
        let own = isOutside ? (latitude, longitude) : (named?.latitude, named?.longitude)
        let isAtPublicPlace = spot == .street && named != nil && named?.id == chain.first?.id
        let scale = isAtPublicPlace ? 10_000.0 : 1000.0
        self.latitude = own.0.map { PublicWhereabouts.rounded($0, scale) }
        self.longitude = own.1.map { PublicWhereabouts.rounded($0, scale) }
    }

    private static func rounded(_ degrees: Double, _ scale: Double) -> Double {
        (degrees * scale).rounded() / scale
    }
}
