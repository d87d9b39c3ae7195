import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One piece of work done without a network, opened: what was done, when, and its pictures.
package struct OfflineEntry: Sendable {
    /// The phone's own name for it; the same name is the same work.
    package let key: String
    /// Under which lease it was sealed.
    package let lease: OfflineLease
    /// Which part of the bundle takes it.
    package let part: String
    /// When it was done by the phone's clock, never later than now or before the lease.
    package let at: Instant
    /// What was done.
    package internal(set) var body: [String: JSONValue]
    /// Photos and a signature, ready to be recorded.
    package internal(set) var pictures = OfflinePictures.none
    /// Pictures as they were taken; none where the work is done anew and they are stored.
    let taken: [[UInt8]]

    /// Reads what a phone sealed: the length of the words (4 bytes), the words as JSON, then the photos.
    init(_ bytes: [UInt8], key: String, lease: OfflineLease, now: Instant) throws {
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 4 + length else { throw OfflineEntry.broken }
        let words = try JSONValue.object(in: Array(bytes[4..<(4 + length)]))
        guard case .object(let body)? = words["body"], let at = words.integer("at") else { throw OfflineEntry.broken }
        var photos: [[UInt8]] = []
        var start = 4 + length
        if case .array(let sizes)? = words["photos"] {
            for size in sizes {
                // Compared by what is left: a size out of the world must not overflow.
                guard case .int(let size) = size, size > 0, size <= Int64(bytes.count - start) else {
                    throw OfflineEntry.broken
                }
                photos.append(Array(bytes[start..<(start + Int(size))]))
                start += Int(size)
            }
        }
        self.key = key
        self.lease = lease
        part = words.text("part")
        self.at = max(min(Instant(milliseconds: at), now), lease.issuedAt)
        self.body = OfflinePictures.said(by: body)
        taken = photos
    }

    /// The same work done anew on the desk, with the pictures that were noted with it.
    init(key: String, lease: OfflineLease, part: String, at: Instant, body: [String: JSONValue]) {
        self.key = key
        self.lease = lease
        self.part = part
        self.at = at
        self.body = body
        pictures = OfflinePictures(noted: body)
        taken = []
    }

    private static let broken = LinliError.invalid(
        "offline.broken", [.init("entry", Text("这一条内容不完整", "This entry is incomplete"))])

    /// Whether it was sealed while its form was half filled in, and came because the copy it lay in is gone: a person
    /// completes it on the desk.
    var isUnfinished: Bool { body.flag("unfinished") && !key.hasPrefix(OfflineSync.desk) }

    /// What was done and with which pictures, as text for a cell.
    var words: String {
        var json = JSONWriter()
        JSONValue.object(pictures.noted(in: body)).write(into: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

/// What came of a piece of work.
package struct OfflineOutcome: Sendable, Equatable {
    /// How it ended.
    package enum Kind: String, Sendable {
        /// It is done, now or before.
        case taken
        /// Somebody changed the same field meanwhile: what did not touch each other is done, the rest is to be decided.
        case conflict
        /// It cannot be done as it stands; the words say why.
        case refused
        /// The person may not do it any more: it is kept for somebody who may.
        case kept
    }

    /// A field both sides changed.
    package struct Difference: Sendable, Equatable {
        /// Whose field.
        package let kind: String
        /// Its identifier.
        package let id: String
        /// The field's id.
        package let field: String
        /// What the phone says.
        package let mine: String
        /// What stands there now; nil for a closely kept field, which is read on the desk.
        package let theirs: String?
        /// How it stands there now, in the words a phone uses to say what it saw.
        package let mark: String
        /// How all of it reads, where it is no field of the registers.
        package var words: Words?

        /// The field and both values as people read them.
        package struct Words: Sendable, Equatable {
            /// What the field is called.
            package let name: Text
            /// What the phone says.
            package let mine: Text
            /// What stands there now.
            package let theirs: Text

            /// The words of a field.
            package init(name: Text, mine: Text, theirs: Text) {
                self.name = name
                self.mine = mine
                self.theirs = theirs
            }
        }

        /// A field as both sides have it; see the properties.
        package init(
            kind: String, id: String, field: String, mine: String, theirs: String?, mark: String, words: Words? = nil
        ) {
            self.kind = kind
            self.id = id
            self.field = field
            self.mine = mine
            self.theirs = theirs
            self.mark = mark
            self.words = words
        }
    }

    /// How it ended.
    package var kind: Kind
    /// Why, for people.
    package var text: Text?
    /// What is to be decided.
    package var differences: [Difference] = []
    /// The number of a case that was made.
    package var number: String?

    /// Done.
    package static let taken = OfflineOutcome(kind: .taken)

    /// An outcome.
    package init(kind: Kind, text: Text? = nil, differences: [Difference] = [], number: String? = nil) {
        self.kind = kind
        self.text = text
        self.differences = differences
        self.number = number
    }

    /// Writes the answer for the phone.
    package func write(to json: inout JSONWriter) {
        json.field("outcome", kind.rawValue)
        json.field("number", number)
        json.field("zh", text?.zh)
        json.field("en", text?.en)
        json.key("fields")
        json.array { list in
            for difference in differences {
                list.object { json in
                    json.field("kind", difference.kind)
                    json.field("id", difference.id)
                    json.field("field", difference.field)
                    json.field("mine", difference.mine)
                    json.field("theirs", difference.theirs)
                    json.field("mark", difference.mark)
                    guard let words = difference.words else { return }
                    json.field("zh", words.name.zh)
                    json.field("en", words.name.en)
                    json.field("mineZh", words.mine.zh)
                    json.field("mineEn", words.mine.en)
                    json.field("theirsZh", words.theirs.zh)
                    json.field("theirsEn", words.theirs.en)
                }
            }
        }
    }

    /// The answer as it is kept.
    var stored: String {
        var json = JSONWriter()
        json.object { write(to: &$0) }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Reads what `stored` made.
    init(stored text: String) throws {
        let words = try JSONValue.object(in: Array(text.utf8))
        let zh = words.text("zh")
        self.init(
            kind: Kind(rawValue: words.text("outcome")) ?? .refused,
            text: zh.isEmpty ? nil : Text(zh, words.text("en")),
            number: words.text("number").isEmpty ? nil : words.text("number"))
        guard case .array(let fields)? = words["fields"] else { return }
        differences = fields.compactMap { value in
            guard case .object(let field) = value else { return nil }
            let theirs: String? = if case .text(let text)? = field["theirs"] { text } else { nil }
            let words = Difference.Words(
                name: Text(field.text("zh"), field.text("en")), mine: Text(field.text("mineZh"), field.text("mineEn")),
                theirs: Text(field.text("theirsZh"), field.text("theirsEn")))
            return Difference(
                kind: field.text("kind"), id: field.text("id"), field: field.text("field"), mine: field.text("mine"),
                theirs: theirs, mark: field.text("mark"), words: words.name.zh.isEmpty ? nil : words)
        }
    }
}

/// A part of what goes along on a phone: what a feature gives, and how it takes back what was done with it.
///
/// Taking must be safe to repeat: a part that writes once calls `OfflineStore.note` in that write, so that work and its
/// mark are one; a part that cannot uses the entry's key as the key of its own command.
package struct OfflinePart: Sendable {
    /// Writes what goes along, as one JSON value.
    package typealias Give = @Sendable (OfflineLease, [OfflineHousehold], Context, Services) async throws -> JSONWriter
    /// Does what was done without a network.
    package typealias Take = @Sendable (OfflineEntry, Context, Services) async throws -> OfflineOutcome
    /// Says how what both sides changed stands now.
    package typealias Present =
        @Sendable (OfflineStore.Undecided, Context, Services) async throws -> [OfflineOutcome.Difference]
    /// Says what of work that was not taken its person can complete or correct; nil for nothing.
    package typealias Complete = @Sendable (OfflineStore.Undecided, Context, Services) async throws -> OfflineForm?

    /// The stable name, under which it stands in the bundle.
    package let id: String
    /// What somebody must be allowed for it.
    package let permission: Permission
    /// What goes along.
    package let give: Give
    /// What comes back.
    package let take: Take
    /// How what waits for a decision stands now; nil for a part that shows how it stood when it came.
    package let present: Present?
    /// What is asked to complete what was not taken; nil for a part of which only words and fields are corrected.
    package let form: Complete?

    /// A part; see the properties.
    package init(
        _ id: String, permission: Permission, give: @escaping Give, take: @escaping Take, present: Present? = nil,
        form: Complete? = nil
    ) {
        self.id = id
        self.permission = permission
        self.give = give
        self.take = take
        self.present = present
        self.form = form
    }
}
