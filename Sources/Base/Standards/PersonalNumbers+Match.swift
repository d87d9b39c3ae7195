import LinliCore

/// Tries to read a number that begins with one run of digits; looks at no more than 18 runs.
struct PersonalNumberMatcher {
    let scan: DigitRuns
    let first: Int

    /// The number and the index of the run after it.
    func match() -> (PersonalNumbers.Found, Int)? {
        if let found = citizenID(last: first) ?? phone(last: first) { return (found, first + 1) }
        if let found = dotted() { return (found, first + 3) }
        let chain = joinedRuns()
        // The check character makes a citizen ID number surer than any grouping of a phone number.
        for last in chain {
            if let found = citizenID(last: last) { return (found, last + 1) }
        }
        for last in chain {
            if let found = phone(last: last) { return (found, last + 1) }
        }
        return nil
    }

    /// The runs after the first that may belong to the same number, up to 18 digits in all.
    private func joinedRuns() -> [Int] {
        var last = first + 1
        while last < scan.runs.count, [.light, .bracket].contains(scan.runs[last].gap), count(last) <= 18 { last += 1 }
        return Array((first + 1)..<last)
    }

    private func digits(_ last: Int) -> ArraySlice<UInt8> {
        scan.digits[scan.runs[first].digits.lowerBound..<scan.runs[last].digits.upperBound]
    }

    private func count(_ last: Int) -> Int { digits(last).count }

    private func lengths(_ runs: ClosedRange<Int>) -> [Int] { runs.map { scan.runs[$0].digits.count } }

    // MARK: Citizen ID numbers

    private func citizenID(last: Int) -> PersonalNumbers.Found? {
        guard (15...18).contains(count(last)) else { return nil }
        let isWhole = last == first
        var number = Array(digits(last))
        var end = scan.runs[last].end
        if number.count == 15 {
            guard isWhole || lengths(first...last) == [6, 6, 3], isOldForm(number) else { return nil }
            return found(.citizenID, scan.runs[first].start..<end, CitizenID.upgraded(number))
        }
        if number.count == 17, let letter = scan.after(end), letter == "X" || letter == "x" {
            number.append(0x58)
            end = scan.text.unicodeScalars.index(after: end)
            if let next = scan.after(end), next.isASCII, next.properties.isAlphabetic || digitValue(next) != nil {
                return nil
            }
        }
        guard number.count == 18, number[0] != 0x30, let birthDate = CitizenID.birthDate(number),
            (1850...2099).contains(birthDate.year)
        else { return nil }
        // In one piece a wrong check character is somebody's mistyped number; in several it is not a number at all.
        guard isWhole || number[17] == CitizenID.checkCharacter(number) else { return nil }
        return found(.citizenID, scan.runs[first].start..<end, number)
    }

    /// 15 digits with a birthday from 1920 on. Before that the digits of street and community in a 15-digit grid code
    /// read like a birthday (…001001… is 1 October 1900), and nobody alive carries such a card.
    private func isOldForm(_ digits: [UInt8]) -> Bool {
        guard digits[0] != 0x30, let date = CitizenID.birthDate(CitizenID.upgraded(digits)) else { return false }
        return date.year >= 1920
    }

    // MARK: Telephone numbers

    private func phone(last: Int) -> PersonalNumbers.Found? {
        guard (7...15).contains(count(last)) else { return nil }
        if count(last) < 9 { return localNumber(last: last) }
        let start = scan.runs[first].start
        let isInternational = scan.before(start) == "+"
        guard let phone = PhoneNumber(digits: digits(last), isInternational: isInternational), phone.kind != .service,
            last == first || isGroupedLikePhone(last), !isAmount(start, scan.runs[last].end)
        else { return nil }
        return PersonalNumbers.Found(
            kind: phone.kind == .mobile ? .mobile : .landline,
            range: widened(start, isInternational: isInternational, last)..<scan.runs[last].end,
            value: phone.number,
            masked: phone.masked
        )
    }

    /// A mobile number in three groups parted by dots and by nothing else; more or other groups are a version, an address of
    /// the network or a sum.
    private func dotted() -> PersonalNumbers.Found? {
        let last = first + 2
        guard last < scan.runs.count, scan.runs[first + 1].gap == .dot, scan.runs[last].gap == .dot,
            lengths(first...last) == [3, 4, 4], first == 0 || scan.runs[first].gap != .dot,
            last + 1 == scan.runs.count || scan.runs[last + 1].gap != .dot,
            let phone = PhoneNumber(digits: digits(last), isInternational: false), phone.kind == .mobile
        else { return nil }
        let (start, end) = (scan.runs[first].start, scan.runs[last].end)
        guard !isAmount(start, end) else { return nil }
        return PersonalNumbers.Found(kind: .mobile, range: start..<end, value: phone.number, masked: phone.masked)
    }

    /// Whether runs of digits are parted as people part a phone number, and not like a date or a list of houses.
    private func isGroupedLikePhone(_ last: Int) -> Bool {
        var lengths = lengths(first...last)
        var gaps = scan.runs[(first + 1)...last].map(\.gap)
        let prefix = countryCodeLength()
        lengths[0] -= prefix
        if lengths[0] == 0 {
            lengths.removeFirst()
            gaps.removeFirst()
        }
        if lengths.count == 1 { return true }
        let lead = scan.digits[scan.runs[first].digits.lowerBound + prefix]
        if lead == 0x30 || (prefix > 0 && lengths[0] < 3) {
            // The area code may stand in brackets.
            return lengths.count <= 3 && gaps.dropFirst().allSatisfy { $0 == .light }
        }
        guard lead == 0x31, gaps.allSatisfy({ $0 == .light }) else { return false }
        return lengths.count <= 3 || lengths[0] == 3 || lengths.allSatisfy { $0 == 1 }
    }

    /// How many digits of the first run are the country code: +86, 0086, or 86 with the number right behind it.
    private func countryCodeLength() -> Int {
        let run = scan.runs[first]
        let digits = scan.digits[run.digits]
        if digits.starts(with: "0086".utf8) { return 4 }
        guard digits.starts(with: "86".utf8) else { return 0 }
        return digits.count > 2 || scan.before(run.start) == "+" ? 2 : 0
    }

    /// A landline without area code: only right after a word that says so, and not when it is a date.
    private func localNumber(last: Int) -> PersonalNumbers.Found? {
        let digits = Array(digits(last))
        let start = scan.runs[first].start
        guard (0x32...0x38).contains(digits[0]), last == first || [[4, 4], [3, 4]].contains(lengths(first...last)),
            followsPhoneWord(start), !isAmount(start, scan.runs[last].end)
        else { return nil }
        if digits.count == 8,
            CivilDate(year: number(digits[..<4]), month: number(digits[4..<6]), day: number(digits[6...])) != nil,
            (1900...2099).contains(number(digits[..<4]))
        {
            return nil
        }
        return PersonalNumbers.Found(
            kind: .landline,
            range: start..<scan.runs[last].end,
            value: String(decoding: digits, as: UTF8.self),
            masked: "****" + String(decoding: digits.suffix(4), as: UTF8.self)
        )
    }

    /// Whether 电话, 座机 or 固话 stands within six characters before, with no other digit between.
    private func followsPhoneWord(_ start: String.Index) -> Bool {
        var index = start
        var following: Unicode.Scalar?
        for _ in 0..<6 {
            guard let scalar = scan.before(index), digitValue(scalar) == nil else { return false }
            switch (scalar, following) {
            case ("电", "话"), ("座", "机"), ("固", "话"): return true
            default: following = scalar
            }
            index = scan.text.unicodeScalars.index(before: index)
        }
        return false
    }

    /// Whether the digits are money: ¥ before, or 元 after them or after a decimal fraction.
    private func isAmount(_ start: String.Index, _ end: String.Index) -> Bool {
        if let before = scan.before(start), before == "¥" || before == "$" || before.value == 0xFFE5 { return true }
        var index = end
        if scan.after(index) == "." {
            index = scan.text.unicodeScalars.index(after: index)
            for _ in 0..<2 {
                guard let scalar = scan.after(index), digitValue(scalar) != nil else { break }
                index = scan.text.unicodeScalars.index(after: index)
            }
        }
        return scan.after(index).map { $0 == "元" || $0 == "块" || $0 == "圆" } ?? false
    }

    /// The start with the plus before it, and with an opening bracket when its partner is inside.
    private func widened(_ start: String.Index, isInternational: Bool, _ last: Int) -> String.Index {
        var start = start
        let scalars = scan.text.unicodeScalars
        if isInternational { start = scalars.index(before: start) }
        let inside = scalars[start..<scan.runs[last].end].map(narrowed)
        if inside.contains(")"), !inside.contains("("), scan.before(start) == "(" {
            start = scalars.index(before: start)
        }
        return start
    }

    private func found(_ kind: PersonalNumbers.Kind, _ range: Range<String.Index>, _ number: [UInt8])
        -> PersonalNumbers.Found
    {
        let value = String(decoding: number, as: UTF8.self)
        return PersonalNumbers.Found(kind: kind, range: range, value: value, masked: CitizenID.masked(value))
    }
}
