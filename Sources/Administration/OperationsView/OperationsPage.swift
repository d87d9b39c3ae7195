import LinliCore
import LinliKernel
import LinliUI

/// How the server is, in words: what is well, and what wants somebody's hand.
struct OperationsPage {
    let state: StoreState
    let now: Instant

    /// When a missing backup is said loudly, and how long events may wait.
    ///
    /// - Source: configured, no source
    private static let backupDays: Int64 = 2
    private static let lagSeconds: Int64 = 5

    var page: Page {
        Page(Text("运行情况", "Operations"), frame: .desk("/admin/operations"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("运行情况", "Operations"))</h1></div>
        \(each: remarks, { notice($0, .warn) })
        \(when: remarks.isEmpty, notice(Text("一切正常。", "All is well."), .ok, icon: "done"))
        \(figures)
        <div class="stack">
        \(jobs)
        \(putAside)
        </div>
        <aside class="stack">\(copies)\(nodes)</aside>
        </main>
        """
    }

    // MARK: What wants a hand

    private var remarks: [Text] {
        var remarks: [Text] = []
        if state.vitals.outboxLagSeconds > OperationsPage.lagSeconds {
            remarks.append(
                Text(
                    "有事件等了 \(state.vitals.outboxLagSeconds) 秒还没送到，请看服务器日志。",
                    "An event has waited \(state.vitals.outboxLagSeconds) s to be delivered: look at the log."))
        }
        if !state.deadDeliveries.isEmpty || !state.deadJobs.isEmpty {
            remarks.append(
                Text(
                    "有试了十次都没办成、放到一边的，列在下面，请看日志。",
                    "Some things were put aside after ten tries; they are listed below, the log says why."))
        }
        if state.regular.contains(where: \.hasFailed) {
            remarks.append(Text("有定时任务上一次没跑成。", "A regular job failed when it last ran."))
        }
        if let backup = state.backup {
            let days = now.seconds(since: backup.at) / 86_400
            if days >= OperationsPage.backupDays {
                remarks.append(Text("已经 \(days) 天没有备份。", "No backup for \(days) days."))
            }
        } else {
            remarks.append(
                Text("还没有用 linli backup 备份过。", "No backup was made with linli backup yet."))
        }
        return remarks
    }

    // MARK: Figures

    private var figures: HTML {
        """
        <div class="stats">
        \(figure(Text("数据库", "Store"), OperationsPage.size(state.bytes), Text(same: state.engine)))
        \(figure(
            Text("等待送达的事件", "Events to deliver"), "\(state.vitals.deliveriesWaiting)",
            Text("最久等了 \(state.vitals.outboxLagSeconds) 秒", "oldest: \(state.vitals.outboxLagSeconds) s")
        ))
        \(figure(Text("到点没开始的任务", "Jobs due"), "\(state.jobsDue)", Text("各节点一起领", "taken by any node")))
        \(figure(
            Text("冲突重试", "Retries"), "\(state.vitals.retries)",
            Text("本节点启动以来，共 \(state.vitals.commits) 次提交", "of this node; \(state.vitals.commits) commits")
        ))
        </div>
        """
    }

    private func figure(_ name: Text, _ value: String, _ note: Text) -> HTML {
        "<div class=\"stat\"><span>\(name)</span><b>\(value)</b><small>\(note)</small></div>"
    }

    /// Bytes as people say them, with one digit behind the point.
    static func size(_ bytes: Int64) -> String {
        let units = ["B", "KB", "MB", "GB", "TB"]
        var (tenths, unit) = (bytes * 10, 0)
        while tenths >= 10_240, unit + 1 < units.count {
            tenths /= 1024
            unit += 1
        }
        return unit == 0 ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    // MARK: Lists

    private var jobs: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("定时任务", "Regular jobs"))</h2></div>
        <div class="scroll"><table class="t mid cards">
        <caption class="sr">\(Text("定时任务", "Regular jobs"))</caption>
        <thead><tr><th scope="col">\(Text("任务", "Job"))</th><th scope="col">\(Text("下次", "Next"))</th>\
        <th scope="col">\(Text("上次", "Last run"))</th></tr></thead>
        <tbody>
        \(each: state.regular, { job in
            """
            <tr><td class="wide num">\(job.kind)</td>\
            <td data-label="\(Text("下次", "Next"))">\(time(job.nextAt, job.nextAt.relative(to: now)))</td>\
            <td data-label="\(Text("上次", "Last run"))">\(job.hasFailed
                ? tag(Text("没跑成", "Failed"), .bad) : tag(Text("正常", "Well"), .ok))</td></tr>

            """
        })</tbody></table></div>
        </section>
        """
    }

    private var putAside: HTML {
        let all =
            state.deadDeliveries.map { ($0, Text("事件", "Event")) } + state.deadJobs.map { ($0, Text("任务", "Job")) }
        guard !all.isEmpty else { return .empty }
        return """
            <section class="card"><div class="hd"><h2>\(Text("放到一边的", "Put aside"))</h2></div>
            <ul>\(each: all, { dead, kind in
                """
                <li><div class="cell"><span class="bd"><span class="ttl num">\(dead.name)</span>\
                <span class="sub">\(kind)</span></span>\(tag(Text(same: "\(dead.count)"), .bad))</div></li>
                """
            })</ul></section>
            """
    }

    private var copies: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("备份", "Backups"))</h2></div>
        <dl class="kv">
        <dt>\(Text("最近备份", "Last"))</dt><dd>\(copy(state.backup))</dd>
        <dt>\(Text("最近恢复", "Restored"))</dt><dd>\(copy(state.restore))</dd>
        </dl></section>
        """
    }

    private func copy(_ copy: StoreState.Copy?) -> HTML {
        guard let copy else { return HTML.text(Text("没有", "None")) }
        return "\(time(copy.at, copy.at.relative(to: now)))<br><span class=\"sub\">\(copy.words)</span>"
    }

    private var nodes: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("节点", "Nodes"))</h2></div>
        \(when: state.nodes.isEmpty, noNode)
        <ul>\(each: state.nodes, { node in
            """
            <li><div class="cell"><span class="bd"><span class="ttl">\(Text("节点 \(node.node)", "Node \(node.node)"))</span>\
            <span class="sub">\(Text("租约到", "lease until")) \(time(node.until, node.until.relative(to: now)))</span>\
            </span></div></li>
            """
        })</ul></section>
        """
    }

    private var noNode: HTML {
        "<p class=\"note pad\">\(Text("没有节点持有编号。", "No node holds a number."))</p>"
    }
}
