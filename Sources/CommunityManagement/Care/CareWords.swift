import LinliCore
import LinliKernel
import LinliUI

/// What pages about care say of people, labels and services.
enum CareWords {
    /// `张桂兰，82 岁`.
    static func who(_ person: PersonRecord, _ now: Instant) -> Text {
        guard let age = person.age(on: now.date) else { return Text(same: person.name) }
        return Text("\(person.name)，\(age) 岁", "\(person.name), \(age)")
    }

    /// A label with its reason: `高龄独居（因为：1944年出生，独居）`.
    static func label(_ held: LabelReading.Held) -> HTML {
        let reason =
            held.isByHand ? Text("工作人员标的", "given by staff") : because(held.because)
        return """
            <span class="sub">\(tag(held.label.name, held.label.isCare ? .warn : .mute)) \(reason)</span>
            """
    }

    /// `因为：1944年出生，独居`.
    static func because(_ reasons: [Text]) -> Text {
        guard !reasons.isEmpty else { return Text(same: "") }
        return Text(
            "因为：\(reasons.map(\.zh).joined(separator: "，"))", "Because: \(reasons.map(\.en).joined(separator: ", "))")
    }

    /// How an offer stands, with its last delivery.
    static func state(_ offer: CareOffer, _ now: Instant) -> HTML {
        let tone: Tone =
            switch offer.state {
            case .offered: .info
            case .accepted: offer.hasReached(now) ? .ok : .warn
            case .declined, .ended: .mute
            }
        guard let last = offer.deliveredAt else { return tag(offer.state.name, tone) }
        let at = last.relative(to: now)
        let isDue = offer.state == .accepted && !offer.hasReached(now)
        return tag(
            isDue
                ? Text("该再送了，上次 \(at.zh)", "Due again, last \(at.en)") : Text("已送到，\(at.zh)", "Delivered \(at.en)"),
            tone)
    }

    /// Which unit has it, what units said, and which have it no more.
    static func taking(_ taking: CareTaking, _ now: Instant) -> HTML {
        """
        \(taking.unit.map { unit in
            "<span class=\"sub\">\(icon("box", small: true))\(Text("由\(unit.zh)送", "brought by \(unit.en)"))</span>" as HTML
        })\(each: taking.refusals.prefix(3), { refusal in
            """
            <span class="sub">\(icon("alert", small: true))\(refusal.unit)\(Text("：", ": "))\(refusal.reason.name) · \
            \(time(refusal.at, refusal.at.relative(to: now)))</span>
            """
        })\(each: taking.returns.prefix(3), { found in
            """
            <span class="sub">\(icon("alert", small: true))\(found.unit)\(Text("：", ": "))\(found.why.name) · \
            \(time(found.at, found.at.relative(to: now)))</span>
            """
        })
        """
    }

    /// The field for something that proves a delivery.
    static func proof(_ evidence: CareService.Evidence, id: String, _ typed: Form, _ error: LinliError?) -> HTML {
        let wrong = error?.text(for: evidence.field)
        let control: HTML =
            switch evidence {
            case .photo:
                "<input id=\"\(id)\" type=\"file\" name=\"photos\" accept=\"image/*\"\(described(id, error: wrong))>"
            case .sign:
                """
                <input id="\(id)" name="signer" maxlength="60" autocomplete="off" value="\(typed["signer"] ?? "")"\
                \(described(id, error: wrong))>
                """
            case .note:
                """
                <input id="\(id)" name="note" maxlength="400" autocomplete="off" value="\(typed["note"] ?? "")"\
                \(described(id, error: wrong))>
                """
            }
        return field(evidence.name, for: id, error: wrong, control)
    }

    /// The purposes staff of care may have.
    static let purposes: [ReadingPurpose] = [.visit, .service, .emergency]

    /// The form by which closer labels are opened for a purpose.
    static func opener(
        _ action: String, _ hidden: [(String, String)], _ formToken: String, _ error: LinliError?
    ) -> HTML {
        """
        <form class="card pad stack" method="post" action="\(action)">\(LinliUI.formToken(formToken))\
        \(each: hidden, { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" })
        <p class="note">\(Text(
            "独居、失能、低保等信息要说明用途才显示；看过会记下来，本人查得到。",
            "Living alone, disability, allowances and the like open for a purpose; the person can see who looked."
        ))</p>
        \(field(
            Text("用途", "Purpose"), for: "purpose", error: error?.text(for: "purpose"),
            select("purpose", purposes.map { ($0.rawValue, $0.name) }, selected: ReadingPurpose.visit.rawValue)
        ))
        <div class="btns"><button class="btn">\(icon("lock", small: true))\(Text("按用途查看", "Open for this purpose"))</button></div>
        </form>
        """
    }
}

extension CareService.Evidence {
    /// How forms and programs name it: what says that it is missing leads to it.
    var field: String {
        switch self {
        case .photo: "photo"
        case .sign: "signer"
        case .note: "note"
        }
    }
}
