import LinliCore
import LinliKernel
import LinliSpreadsheets

/// A column that a table may have: what we call it and what others do.
struct SheetField: Sendable {
    let id: String
    let name: Text
    /// What others call it; the first is written into our template.
    let synonyms: [String]
    var isRequired = false
    /// Whether several columns may be it: 一级分类, 二级分类, 三级分类.
    var isRepeated = false
}

/// A kind of table that is imported by columns.
enum SheetKind: String, Sendable, CaseIterable {
    case orders, results

    var fields: [SheetField] {
        switch self {
        case .orders: SheetKind.orderFields
        case .results: SheetKind.resultFields
        }
    }

    /// How much of a table is taken at once.
    var limits: SheetLimits {
        var limits = SheetLimits()
        limits.rows = self == .orders ? 301 : 3001
        limits.columns = 80
        return limits
    }

    private static let orderFields = [
        SheetField(
            id: "number", name: Text("工单编号", "Number"),
            synonyms: ["工单编号", "工单号", "单号", "编号", "受理编号", "诉求编号", "案件编号", "流水号", "派单编号"], isRequired: true
        ),
        SheetField(
            id: "calledAt", name: Text("来电时间", "Called at"),
            synonyms: ["来电时间", "受理时间", "登记时间", "诉求时间", "反映时间", "来件时间", "创建时间"]
        ),
        SheetField(
            id: "name", name: Text("诉求人", "Caller"),
            synonyms: ["诉求人", "来电人", "反映人", "市民姓名", "姓名", "联系人", "诉求人姓名", "来电人姓名"]
        ),
        SheetField(
            id: "phone", name: Text("号码", "Phone"),
            synonyms: ["号码", "联系电话", "来电号码", "电话", "手机号", "手机", "联系方式", "诉求人电话", "来电电话"]
        ),
        SheetField(
            id: "private", name: Text("是否保密", "Confidential"), synonyms: ["是否保密", "保密", "信息保密", "个人信息保密", "是否匿名"]
        ),
        SheetField(
            id: "kind", name: Text("诉求类型", "Kind of need"), synonyms: ["诉求类型", "工单类型", "来电类型", "诉求性质", "业务类型", "类型"]
        ),
        SheetField(
            id: "classes", name: Text("问题分类", "Classification"),
            synonyms: ["问题分类", "问题类别", "诉求分类", "一级分类", "二级分类", "三级分类", "四级分类", "大类", "小类", "细类"],
            isRepeated: true
        ),
        SheetField(id: "title", name: Text("标题", "Title"), synonyms: ["标题", "工单标题", "诉求标题", "主题"]),
        SheetField(
            id: "content", name: Text("内容", "Text"),
            synonyms: ["内容", "主要内容", "诉求内容", "工单内容", "反映内容", "来电内容", "问题描述", "诉求描述"], isRequired: true
        ),
        SheetField(
            id: "address", name: Text("事发地址", "Place"),
            synonyms: ["事发地址", "问题地址", "诉求地址", "发生地址", "事发地点", "被反映地址", "地址", "地点"]
        ),
        SheetField(
            id: "accused", name: Text("被反映对象", "Against whom"),
            synonyms: ["被反映对象", "被反映单位", "被反映主体", "被投诉对象", "被投诉单位", "被诉对象", "反映对象", "涉及主体"]
        ),
        SheetField(
            id: "dispatchedAt", name: Text("派单时间", "Dispatched at"),
            synonyms: ["派单时间", "派发时间", "下派时间", "转派时间", "交办时间"]
        ),
        SheetField(
            id: "dueAt", name: Text("办理时限", "Deadline"),
            synonyms: ["办理时限", "截止时间", "办结时限", "到期时间", "要求办结时间", "反馈时限", "答复时限", "处理时限", "办理期限"]
        ),
        SheetField(
            id: "urgency", name: Text("紧急程度", "Urgency"), synonyms: ["紧急程度", "是否紧急", "紧急", "优先级"]
        ),
        SheetField(
            id: "repeat", name: Text("是否重复", "Repeated"), synonyms: ["是否重复", "是否重复件", "重复工单", "重复件", "重复"]
        ),
        SheetField(
            id: "related", name: Text("关联单号", "Related number"),
            synonyms: ["关联单号", "关联工单", "关联编号", "原工单编号", "重复单号"]
        ),
        SheetField(
            id: "statedAt", name: Text("更新时间", "Last changed"),
            synonyms: ["更新时间", "最后更新时间", "最近更新时间", "修改时间", "最后修改时间", "变更时间", "导出时间"]
        ),
    ]

    private static let resultFields = [
        SheetField(
            id: "number", name: Text("工单编号", "Number"),
            synonyms: ["工单编号", "工单号", "单号", "编号", "受理编号", "诉求编号"], isRequired: true
        ),
        SheetField(id: "month", name: Text("考核月", "Month"), synonyms: ["考核月", "考核月份", "月份", "考核周期", "统计月份"]),
        SheetField(
            id: "contacted", name: Text("是否响应", "Contacted"),
            synonyms: ["是否响应", "响应情况", "是否联系", "联系情况", "是否联系诉求人", "响应"]
        ),
        SheetField(
            id: "solved", name: Text("是否解决", "Solved"), synonyms: ["是否解决", "解决情况", "解决结果", "问题是否解决", "解决"]
        ),
        SheetField(
            id: "grade", name: Text("是否满意", "Satisfied"),
            synonyms: ["是否满意", "满意情况", "满意度", "满意结果", "是否满意结果", "满意"]
        ),
    ]
}

/// Finds out what the columns of a table are.
enum SheetColumns {
    /// The row that names the columns: of the first ten the one with most names we know.
    ///
    /// A title over the table, or the name of the office, comes before it.
    static func heading(of rows: [SheetRow], _ kind: SheetKind) -> Int {
        let scores = rows.prefix(10).map { row in suggest(row.cells, kind, remembered: [:]).count { !$0.isEmpty } }
        let best = scores.max() ?? 0
        return best >= 2 ? scores.firstIndex(of: best) ?? 0 : 0
    }

    /// What each column is taken for; empty for one that is only kept.
    ///
    /// What somebody said of a column of this name before counts first, then names that are the same, then names that
    /// hold one. No field is given twice unless it may be.
    static func suggest(_ headers: [String], _ kind: SheetKind, remembered: [String: String]) -> [String] {
        let names = headers.map(plain)
        var fields = [String](repeating: "", count: headers.count)
        var isSettled = [Bool](repeating: false, count: headers.count)
        func isFree(_ field: SheetField) -> Bool { field.isRepeated || !fields.contains(field.id) }
        for (index, name) in names.enumerated() {
            guard let field = remembered[name] else { continue }
            isSettled[index] = true
            if let known = kind.fields.first(where: { $0.id == field }), isFree(known) { fields[index] = field }
        }
        for field in kind.fields {
            for synonym in field.synonyms {
                for (index, name) in names.enumerated() where name == synonym && !isSettled[index] && isFree(field) {
                    (fields[index], isSettled[index]) = (field.id, true)
                }
            }
        }
        for field in kind.fields where isFree(field) {
            // Short words stand in too many names.
            for synonym in field.synonyms where synonym.count >= 4 {
                for (index, name) in names.enumerated()
                where name.contains(synonym) && !isSettled[index] && isFree(field) {
                    (fields[index], isSettled[index]) = (field.id, true)
                }
            }
        }
        return fields
    }

    /// A column's name without blanks, brackets and stars: `工单编号 *` is `工单编号`.
    static func plain(_ header: String) -> String {
        let name = header.filter { !$0.isWhitespace && !"*＊：:【】[]·_".contains($0) }
        return String(name.prefix(60))
    }
}
