import LinliCore

/// What people write in sheets for how somebody is tied to a home and what they are to the head of the household.
/// - Source: GB/T 4761-2008 names of relations and their two-digit codes [M]; the words of ties are configured, no source
enum RelationWords {
    /// What somebody is to the head; nil for a word nobody here knows.
    static func relation(_ text: String) -> HouseholdRelation? {
        let word = plain(text)
        if let known = HouseholdRelation.allCases.first(where: { plain($0.name.zh) == word || $0.rawValue == word }) {
            return known
        }
        return relations[word]
    }

    /// How somebody is tied to the home; nil for a word nobody here knows.
    static func tie(_ text: String) -> ResidenceTie? {
        let word = plain(text)
        if let known = ResidenceTie.allCases.first(where: { plain($0.name.zh) == word || $0.rawValue == word }) {
            return known
        }
        return ties[word]
    }

    private static func plain(_ text: String) -> String {
        text.filter { !$0.isWhitespace && !"（）()、，,/“”\"".contains($0) }
    }

    private static let relations: [String: HouseholdRelation] = words([
        .head: "户主 本人 户主本人 本户户主 01 02",
        .spouse: "配偶 夫 妻 丈夫 妻子 爱人 老公 老婆 太太 夫妻 10 11 12",
        .child: """
        子 女 子女 儿子 女儿 孩子 独生子 独生女 长子 次子 二子 三子 四子 五子 幼子 大儿子 二儿子 三儿子 小儿子 长女 次女 二女 三女
        四女 五女 幼女 大女儿 二女儿 三女儿 小女儿 养子 养女 继子 继女 养子或继子 养女或继女 其他儿子 其他女儿 20 21 22 23 24 25 26 27
        29 30 31 32 33 34 35 36 37 39
        """,
        .childInLaw: "儿媳 儿媳妇 长媳 次媳 女婿 上门女婿 儿媳女婿 28 38",
        .grandchild: """
        孙 孙辈 孙子 孙女 长孙 次孙 长孙女 外孙 外孙子 外孙女 孙子女 外孙子女 孙媳 孙媳妇 外孙媳妇 孙女婿 外孙女婿 曾孙 曾孙子
        曾孙女 外曾孙子 外曾孙女 重孙 重孙子 重孙女 40 41 42 43 44 45 46 47 48 49
        """,
        .parent: """
        父 母 父母 父亲 母亲 爸爸 妈妈 公公 婆婆 公婆 岳父 岳母 岳父母 丈人 丈母娘 养父 养母 继父 继母 继父或养父 继母或养母 50 51 52
        53 54 55 56 57 58 59
        """,
        .grandparent: """
        祖父 祖母 祖父母 爷爷 奶奶 外祖父 外祖母 外祖父母 姥爷 姥姥 外公 外婆 曾祖父 曾祖母 配偶的祖父母 60 61 62 63 64 65 66 67 68 69
        """,
        .sibling: """
        兄 弟 姐 妹 兄弟 姐妹 兄弟姐妹 哥哥 弟弟 姐姐 妹妹 大哥 大姐 嫂 嫂子 弟媳 弟妹 姐夫 妹夫 70 71 72 73 74 75 76 77 78 79
        """,
        .other: """
        其他 其它 其他亲属 其他关系 亲属 亲戚 非亲属 非亲属关系 伯父 伯母 叔父 叔叔 婶母 婶婶 舅父 舅舅 舅母 姨父 姨母 姨妈 姑父
        姑母 姑姑 堂兄 堂弟 堂姐 堂妹 表兄 表弟 表姐 表妹 侄 侄子 侄女 侄儿 外甥 外甥女 保姆 住家保姆 朋友 同事 同学 室友 合租 租客 房客
        承租人 租户 寄养 寄居 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99
        """,
    ])

    private static let ties: [String: ResidenceTie] = words([
        .owner: "产权人 业主 房主 产权人住 业主自住 自住 自有 自有住房 自购 自有房",
        .tenant: "租户 租房 租住 租赁 租赁户 承租 承租人 承租户 租客 房客 租住户 合租 群租 公租 公租房 租住人员",
        .family: "家庭成员 家属 家人 亲属 共同居住 共同居住人 同住 同住人 同住家属 成员 家庭",
        .lodger: "借住 借住人 寄住 寄居 借宿 投靠 暂借住 投亲靠友",
        .registeredOnly: "户在人不在 人户分离 户在人不在人户分离 空挂 空挂户 挂户 仅户籍 只有户籍 户籍在此 人不在",
        .ownerElsewhere: "产权人不住 业主不住 房东 出租人 房东不住 业主不住这里 产权人不住这里",
    ])

    private static func words<Meaning: Hashable>(_ lists: [Meaning: String]) -> [String: Meaning] {
        var words: [String: Meaning] = [:]
        for (meaning, list) in lists {
            for word in list.split(whereSeparator: \.isWhitespace) { words[plain(String(word))] = meaning }
        }
        return words
    }
}

extension ImportPlanner {
    /// What a row says of somebody's home, with words nobody knows.
    struct Ties {
        var tie = ResidenceTie.family
        var relation = HouseholdRelation.other
        var doubts: [Text] = []
    }

    /// How somebody is tied to the home a row names, and what they are to its head.
    static func ties(_ row: ImportRow) -> Ties {
        let (tie, relation) = (row[ImportColumn.tie], row[ImportColumn.relation])
        var ties = Ties()
        if !tie.isEmpty {
            if let known = RelationWords.tie(tie) {
                ties.tie = known
            } else {
                ties.doubts.append(
                    Text("人房关系“\(tie)”认不出，按“家庭成员”登记", "Tie to the home “\(tie)” is not known: taken as family"))
            }
        }
        if !relation.isEmpty {
            if let known = RelationWords.relation(relation) {
                ties.relation = known
            } else {
                ties.doubts.append(
                    Text("与户主关系“\(relation)”认不出，按“其他”登记", "To the head “\(relation)” is not known: taken as other"))
            }
        }
        return ties
    }
}
