import LinliCore
import LinliKernel
import LinliUI

/// The elders' home page: a call first, then few large things. What cannot be done here yet is a call to the committee,
/// and says so.
extension HomePages {
    static func elder(_ model: HomeModel, _ name: Text) -> HTML {
        """
        <main id="main" class="one">
        <h1 class="sr">\(name)</h1>
        <div class="tiles">
        \(callTile(model))
        \(tile("/report", "report", Text("我有事要说", "I need something")))
        \(model.account == nil
            ? tile("/find", "search", Text("查进度", "Look up"))
            : tile("/mine", "list", Text("我的事", "Mine")))
        \(byPhone(model))
        </div>
        <section class="danger" aria-label="\(Text("紧急电话", "Emergency calls"))">
        <p>\(Text("有危险，马上打", "In danger, call now"))</p>
        \(NeedWords.emergencyCalls())
        </section>
        \(elderCases(model))
        \(elderWorker(model))
        \(staff(model))
        </main>
        """
    }

    private static func callTile(_ model: HomeModel) -> HTML {
        guard let unit = model.committee, let link = NeedWords.telephone(unit.phone) else { return .empty }
        let words = Text("打电话给", "Call the ") + committeeName(unit)
        return """
            <a class="tile wide first" href="\(link)">\(icon("phone"))<span class="bd">\(words)\
            <small class="num">\(unit.phone)</small></span></a>
            """
    }

    /// Meals, family, the clinic, notices: somebody at the committee answers and arranges it.
    private static func byPhone(_ model: HomeModel) -> HTML {
        guard let unit = model.committee, let link = NeedWords.telephone(unit.phone) else { return .empty }
        let note = Text("打电话请", "By phone: the ") + committeeName(unit) + Text("帮忙", " helps")
        return """
            \(tile(link, "family", Text("叫家人", "Call my family"), note))
            \(tile(link, "meal", Text("订餐", "Order a meal"), note))
            \(tile(link, "hospital", Text("看病挂号", "See a doctor"), note))
            \(tile(link, "speaker", Text("听通知", "Hear the notices"), note))
            """
    }

    private static func tile(_ path: String, _ symbol: String, _ words: Text, _ note: Text? = nil) -> HTML {
        """
        <a class="tile" href="\(path)">\(icon(symbol))<span>\(words)\(note.map { "<br><small>\($0)</small>" as HTML })</span></a>
        """
    }

    private static func elderCases(_ model: HomeModel) -> HTML {
        model.cases.isEmpty ? .empty : cases(model, isElder: true)
    }

    private static func elderWorker(_ model: HomeModel) -> HTML {
        guard let worker = model.worker else { return .empty }
        return """
            <section class="card" aria-labelledby="gw">
            <div class="hd"><h2 id="gw">\(Text("网格员\(worker.name)", "Grid worker \(worker.name)"))</h2>\
            \(when: worker.isOnDuty, onDutyTag)</div>
            <div class="pad"><p class="note">\(Text("要找\(worker.name)，打上面居委会的电话就行。", "To reach \(worker.name), call the committee above."))</p></div>
            </section>
            """
    }
}
