import LinliCore
import LinliKernel

/// That somebody who says yes to a service lets its unit be told who they are: how they said so, and to which text. A yes
/// without it is a yes: the unit then sees the order and not whose it is.
struct CareConsent: Sendable {
    var channel: ConsentChannel
    /// Of the text they read, or were read.
    var version: String

    /// What a form says: which text, and how it was agreed to.
    init?(_ channel: ConsentChannel?, _ version: String?) {
        guard let channel, let version, !version.isEmpty else { return nil }
        self.channel = channel
        self.version = version
    }

    /// Whether the text is still the one that holds.
    ///
    /// - Throws: `.conflict` for another one: what was read is not what would be agreed to.
    func check() throws {
        guard version != ConsentPurpose.providers.version else { return }
        throw LinliError(
            .conflict, "care.telling",
            Text(
                "“\(ConsentPurpose.providers.name.zh)”的说明换了，请看过新的（念给本人听）再答复",
                "The words about telling the provider have changed: please read the new ones (out) and answer again"))
    }
}

/// What is said of telling a unit whom its service is for, wherever somebody says yes.
enum CareTelling {
    /// What a form of staff says where it was not read out, or they do not agree to it.
    static let none = "none"

    /// Which data are told to whom, and until when: read by the person, or read out to them.
    static func words(_ service: CareService, closedAfter days: Int) -> [Text] {
        let (zh, en) = (
            service.units.map(\.name.zh).joined(separator: "、"),
            service.units.map(\.name.en).joined(separator: ", ")
        )
        let end =
            service.everyDays == nil
            ? Text("送到 \(days) 天后，单位就看不到了。", "\(days) days after it was brought the unit sees them no more.")
            : Text("服务停了，单位就看不到了。", "When the service ends, the unit sees them no more.")
        return [
            Text(
                "要这项服务，就是同意把姓名、电话、住址告诉提供“\(service.name.zh)”的单位（\(zh)）。\(end.zh)",
                "A yes lets the unit that gives “\(service.name.en)” (\(en)) be told name, phone and home. \(end.en)"),
            ConsentPurpose.providers.text,
            Text(
                "随时可以在“我的信息”里撤回，撤回了单位马上看不到，服务照样可以要。",
                "It can be taken back in “My data” at any time; the unit then sees them no more, the service goes on."),
        ]
    }

    /// The same as a page shows it, for the person or to be read out.
    static func html(_ service: CareService, closedAfter days: Int) -> HTML {
        "\(each: words(service, closedAfter: days), { "<span class=\"sub\">\($0)</span>" })"
    }

    /// The hidden field that says which text somebody saw.
    static var version: HTML {
        "<input type=\"hidden\" name=\"text\" value=\"\(ConsentPurpose.providers.version)\">"
    }
}

/// Why a unit does not see whom a service is for.
enum CareClosing: String, Sendable, CaseIterable {
    /// The person did not agree, or took it back.
    case consent
    /// It was brought, and the days for complaints and rework are over.
    case over

    /// In words.
    func words(after days: Int) -> Text {
        switch self {
        case .consent:
            Text(
                "本人没有同意（或撤回了同意）把姓名、电话、住址告诉服务单位，所以不显示。请社区帮忙联系、带路。",
                "They did not agree (any more) that the unit be told name, phone and home. Please ask the community to help."
            )
        case .over:
            Text(
                "送到已满 \(days) 天，姓名、电话、住址不再显示。有投诉、要返工的，请问社区。",
                "It was brought more than \(days) days ago: name, phone and home are closed. In doubt ask the community."
            )
        }
    }
}
