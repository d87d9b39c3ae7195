import LinliCore
import LinliKernel

/// A column of a demanded form.
struct FormColumn: Sendable, Equatable {
    /// What the form calls it.
    var name: String
    /// Where its cells come from.
    var source: FormSource
    /// What stands where the registers know nothing; nil, until somebody decides otherwise: it is asked.
    var missing: String?
    /// How sure the suggestion was, in percent; 100 once somebody confirmed it.
    var sureness: Int
    /// For how many days an answer counts as known; 0: for its own period, nil: until somebody changes it.
    var keepsDays: Int?
    /// Whether what was answered for one member of a household is the answer for all of them.
    var isOfHome = false
}

/// Finds out what the columns of a form are.
enum FormMatch {
    /// A heading without what forms add: blanks, stars, marks, remarks in brackets.
    static func plain(_ heading: String) -> String {
        var depth = 0
        var text = ""
        for character in heading {
            if "(（[【".contains(character) { depth += 1 }
            if depth == 0, character.isLetter || character.isNumber { text.append(character) }
            if ")）]】".contains(character) { depth = max(0, depth - 1) }
        }
        return String(text.prefix(60))
    }

    /// Names we know, with what they mean, per kind of row; those of the row itself go before those of its dwelling and
    /// of the head of the household.
    private static let names: [FormAbout: [String: FormSource]] = Dictionary(
        uniqueKeysWithValues: FormAbout.allCases.map { ($0, names(of: $0)) })

    private static func names(of about: FormAbout) -> [String: FormSource] {
        var names: [String: FormSource] = [:]
        for known in about.known {
            // `编号` of a thing is its code, not the number of the row.
            for name in known.synonyms where about != .thing || name != "编号" { names[plain(name)] = .known(known) }
        }
        func add(_ fields: [RegisterField], _ source: (RegisterField) -> FormSource) {
            for field in fields {
                for name in [field.name.zh] + field.headings where names[plain(name)] == nil {
                    names[plain(name)] = source(field)
                }
            }
        }
        // `户主姓名` is a heading of a name too, but on a form it means the head.
        add(about.fields) { .field($0) }
        guard about.hasHead else { return names }
        let people = RegisterField.of(.person)
        add(people) { .head($0) }
        for field in people {
            for name in [field.name.zh] + field.headings where names["户主" + plain(name)] == nil {
                names["户主" + plain(name)] = .head(field)
            }
        }
        return names
    }

    /// Whether a heading is one we know by itself.
    static func isKnown(_ heading: String, _ about: FormAbout = .person) -> Bool {
        names[about]?[plain(heading)] != nil || about == .division && FormCount.named(heading, []) != nil
    }

    /// Kinds of rows with somebody whose own fields those of others must not be taken for.
    private static func isOfPeople(_ about: FormAbout) -> Bool {
        about == .person || about == .household || about == .dwelling
    }

    /// What a column is, and how sure that is; the heading is the path of its headings. What is asked of somebody else is
    /// never a field of whom the row stands for.
    static func suggest(
        _ heading: String, _ book: LabelBook, about: FormAbout = .person, remembered: [String: String]
    ) -> FormColumn {
        let (whole, known) = (plain(heading), names[about] ?? [:])
        if let source = remembered[whole].map({ FormSource($0) }), source.fits(about) {
            return column(heading, source, 100)
        }
        if let source = known[whole] { return column(heading, source, 95) }
        guard !FormHeading.groups(heading).isEmpty else { return suggest(heading, named: whole, book, about) }
        if isOfPeople(about), FormHeading.isGroupedUnderOther(heading) { return column(heading, .ask, 0) }
        let asked = plain(FormHeading.lowest(heading))
        let found: FormColumn
        if let source = remembered[asked].map({ FormSource($0) }), source.fits(about) {
            found = column(heading, source, 95)
        } else {
            found = suggest(heading, named: asked, book, about)
        }
        // Under a word that says nothing of whom, somebody should look.
        return column(heading, found.source, FormHeading.isOwn(heading) ? found.sureness : min(found.sureness, 70))
    }

    private static func suggest(
        _ heading: String, named name: String, _ book: LabelBook, _ about: FormAbout
    ) -> FormColumn {
        let names = FormMatch.names[about] ?? [:]
        if let source = names[name] { return column(heading, source, 95) }
        if about == .division, let count = FormCount.named(heading, book.labels) {
            return column(heading, .count(count), 80)
        }
        if name.hasPrefix("是否"), let source = names[String(name.dropFirst(2))] { return column(heading, source, 90) }
        if about == .person, let found = labelled(name, book) { return column(heading, found, 80) }
        let isOfOther = isOfPeople(about) && FormHeading.isOfOther(name)
        let inside = names.filter { entry in
            let isSame = !isOfOther || FormHeading.isOfOther(entry.key)
            return isSame && entry.key.count >= 3 && name.contains(entry.key)
        }
        .max { ($0.key.count, $1.key) < ($1.key.count, $0.key) }
        if let inside { return column(heading, inside.value, 60) }
        return column(heading, .ask, 0)
    }

    /// `是否高龄`, `高龄老人`: a label by its name.
    private static func labelled(_ name: String, _ book: LabelBook) -> FormSource? {
        let asked = name.hasPrefix("是否") ? String(name.dropFirst(2)) : name
        guard asked.count >= 2 else { return nil }
        for label in book.labels where plain(label.name.zh) == asked || plain(label.name.zh) == asked + "老人" {
            return .label(label.id)
        }
        for service in book.services {
            let known = plain(service.name.zh)
            if asked == known || asked == "享受" + known || asked == "接受" + known { return .service(service.id) }
        }
        return nil
    }

    /// Nothing is written where nothing is known until somebody chose it knowingly for the column: it is asked.
    private static func column(_ heading: String, _ source: FormSource, _ sureness: Int) -> FormColumn {
        FormColumn(name: heading, source: source, missing: nil, sureness: sureness)
    }

    /// A heading whose answer is a word where the register knows yes or no.
    static func isPolitics(_ heading: String) -> Bool { plain(FormHeading.lowest(heading)) == "政治面貌" }
}
