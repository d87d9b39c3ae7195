import Foundation
import LinliCore
import LinliKernel
import LinliStandards

/// One thing a person who runs the server can set: by flag, by environment or in the file, in this order.
struct Setting: Sendable {
    /// `--name`, `LINLI_NAME`, `name:`.
    let name: String
    /// Whether it is a switch without a value.
    let isSwitch: Bool
    /// What holds when nobody says anything.
    let initial: String
    /// What it is, for the table in docs/operations/configuration.md and `linli help`.
    let text: Text

    /// Every setting, in the order of the table.
    static let all: [Setting] = [
        Setting("data", "./data", Text("数据目录：数据库、照片、密钥都在里面", "Folder of everything: database, photos, keys")),
        Setting(
            "database", "",
            Text(
                "数据库：sqlite:路径 或 postgres://…；默认是数据目录里的 linli.db",
                "sqlite:PATH or postgres://…; by default linli.db in the data folder"
            )),
        Setting("host", "127.0.0.1", Text("监听地址", "Address to listen on")),
        Setting("port", "8080", Text("监听端口", "Port to listen on")),
        Setting(
            "origin", "",
            Text(
                "居民访问的网址，用在二维码和短信链接里；https 开头时 Cookie 只走加密连接",
                "Address people use, for QR codes and links in messages; https makes cookies secure"
            )),
        Setting("trust-proxy", nil, Text("前面有自己的反向代理，采信 X-Forwarded-For", "Believe X-Forwarded-For of our own proxy")),
        Setting(
            "key-file", "",
            Text(
                "主密钥文件；默认是数据目录里的 keys/master.key",
                "Master key; by default keys/master.key in the data folder"
            )),
        Setting(
            "audit-roots", "",
            Text(
                "审计根每天存一份到这个目录（最好在别的机器上），doctor 用它核对",
                "Folder, best on another machine, to which the audit's root goes daily; doctor compares with it"
            )),
        Setting("vendor-dir", "/usr/share/javascript", Text("Leaflet 所在目录（系统软件包）", "Where Leaflet's package lies")),
        Setting(
            "tiles", "",
            Text(
                "底图：MBTiles 文件，或瓦片网址 https://…/{z}/{x}/{y}.png；不填就只画网格",
                "Base map: an MBTiles file or https://…/{z}/{x}/{y}.png; without it maps show the grids alone"
            )),
        Setting("tiles-attribution", "", Text("底图的署名，显示在地图角上", "Credit of the base map, shown in its corner")),
        Setting(
            "duty-hours", "09:00-12:00,13:30-18:00", Text("工作时间，用来算办理时限", "Duty hours, for clocks in working time")),
        Setting(
            "sampled-percent", "10",
            Text("居民确认后由街道抽查的比例（百分数）", "Share of confirmed cases the street checks, in percent")),
        Setting(
            "order-lead-hours", "24",
            Text(
                "12345 工单的内部时限至少比 12345 提前几小时，但不超过全部时间的五分之一",
                "Hours our own deadline of a 12345 order lies before theirs at least, up to a fifth of its time")),
        Setting(
            "month-cutoff", "31",
            Text(
                "考核月截止到几号，31 为月末；改了以后，从下一个开始的考核月起算，已经开始的月份天数不变",
                "Day an assessment month ends; 31 for its last. A change holds from the next month that begins")),
        Setting(
            "rate-weights", "10,45,45",
            Text("响应率、解决率、满意率在综合得分里的权重", "Weights of response, solution and satisfaction in the score")),
        Setting(
            "whistle-minutes", "450,30,1350",
            Text(
                "吹哨后多少分钟内报到：日常、应急、攻坚；日常和攻坚按工作时间，应急按自然时间",
                "Minutes to come after a whistle: ordinary, emergency, hard problem; working time but for emergencies")),
        Setting(
            "satisfied-from", "basic",
            Text(
                "从哪一级算满意：basic（基本满意）、satisfied（满意）、very（很满意）",
                "Grade that counts as satisfied: basic, satisfied or very")),
        Setting(
            "follow-up-attempts", "3",
            Text("回访打几次没联系上，就不计入分母", "Follow-up calls in vain after which somebody leaves the denominators")),
        Setting(
            "follow-up-call-hours", "24",
            Text("居民答复截止前几小时还没答复，就打电话回访", "Hours before the end of an answer from which on somebody calls")),
        Setting(
            "follow-up-call-days", "33",
            Text("请居民评价之后，几天内还可以打电话回访", "For how many days after a resident was asked they may be called")),
        Setting(
            "repeat-days", "30",
            Text(
                "同一人或同一户，同类事情几天内再说一次算重复诉求",
                "Within how many days the same person or home telling the same kind again is a repeated need")),
        Setting(
            "confirm-below-percent", "\(SuggestionModel.surePercent)",
            Text("推荐的类别把握低于这个百分数，要由人确认", "Below this sureness in percent a person confirms a suggested category")),
        Setting(
            "similar-metres", "200",
            Text("离多少米以内没办完的同类事情，算可能是同一件", "Within how many metres open cases of a kind may be the same")),
        Setting(
            "similar-count", "3",
            Text("提交前最多列出几件可能相同的事情", "How many cases that may be the same are shown before sending")),
        Setting(
            "visit-days", "7,15,30,30,180",
            Text(
                "多少天没联系上就该走访：老人独住、80 岁以上、只有老人、有婴儿、其他住户",
                "After how many days without a sign to visit: elder alone, over 80, elders only, infant, others")),
        Setting(
            "warning-rules", "",
            Text(
                "没有发布自己的预警规则时，随程序附带的规则的次数和天数，如 quarrels=3/30,kind=8/7；另有 hazards、missed、silent、troubled、vanished",
                "Counts and days of the shipped rules of warnings, while no others are published, as quarrels=3/30,kind=8/7; also hazards missed silent troubled vanished"
            )),
        Setting(
            "warning-days", "3",
            Text(
                "社区几天没人看的预警，上到街道的名单",
                "After how many days without a look a community's warning is on the street's list")),
        Setting("track-days", "7", Text("巡查轨迹保留几天，到期删除", "For how many days tracks of patrols are kept")),
        Setting("sign-in-metres", "80", Text("离点位多少米以内可以定位签到", "Within how many metres of a point to sign in")),
        Setting(
            "district-copies", "orders",
            Text(
                "直派街道的工单，哪些抄送区里：orders（12345 等外来工单）、all（还有街道自己承办的）、none（不抄送）",
                "Copies to the district of what comes to the street straight: orders (12345), all (with the street's own), none"
            )),
        Setting(
            "handler-cap", "20",
            Text(
                "一个人手上有这么多件，再派要确认，0 为不限",
                "From so many open cases on, giving somebody one more must be confirmed; 0 for no limit")),
        Setting(
            "special-groups", nil,
            Text(
                "台账里有特殊人群的字段；默认没有，有法律依据的部署才打开",
                "The registers have fields of special groups; only where a deployment has the legal basis")),
        Setting(
            "rights-days", "15",
            Text("居民要查询、更正、删除本人信息，几个工作日内答复", "Working days to answer a request about one's own data")),
        Setting(
            "rights-remind-days", "3",
            Text("居民的个人信息申请，到期前几个工作日提醒", "Working days before such an answer is due to remind who gives it")),
        Setting(
            "rights-raise-days", "3",
            Text("这样的申请超期几个工作日还没答复，报到区里", "Working days after it was due to tell the district")),
        Setting(
            "kept-days", "1095",
            Text(
                "台账里已注销的人，多少天后删除信息，0 为不删",
                "Days after which people who ended in the registers are erased, 0 to keep them")),
        Setting(
            "kept-organization-days", "1095",
            Text(
                "台账里已注销的组织，多少天后删除信息，0 为不删",
                "Days after which organizations that ended in the registers are erased, 0 to keep them")),
        Setting(
            "kept-home-days", "1095",
            Text(
                "台账里已注销的户和房屋，多少天后删除信息，0 为不删",
                "Days after which households and dwellings that ended in the registers are erased, 0 to keep them")),
        Setting(
            "kept-visit-days", "1095",
            Text(
                "走访里说的话、照片、签名，多少天后删除，0 为不删",
                "Days after which words, photos and signatures of visits are deleted, 0 to keep them")),
        Setting(
            "provider-days", "30",
            Text(
                "一次性的服务送到后，服务单位还能看几天是谁（处理投诉、返工），0 为送到就看不到",
                "Days a unit still sees whom a service given once was for, for complaints and rework; 0 to close it at once"
            )),
        Setting(
            "smallest-group", "5",
            Text(
                "地图和统计里，一群人少于几个就不说具体几个（能看名单的人除外）",
                "Groups of fewer people are not told apart on maps and in counts, except to who may read them by name")),
        Setting(
            "device-kinds", DeviceKinds.usual.text,
            Text(
                "地图上哪些部件算设备（会坏、要修的），写部件代码，大类如 C02 代表其中所有小类",
                "Which components are devices on maps, by code; a major class such as C02 stands for all of its kinds")),
        Setting(
            "offline-hours", "12",
            Text(
                "网格员手机里的离线台账最多留几小时，退出登录就没有了",
                "Hours the households of a grid may stay on a worker's phone, signing out ends it sooner")),
        Setting(
            "offline-kept-days", "30",
            Text(
                "离线台账到期后，手机补传用的钥匙和已办完的记录再保留几天",
                "Days after a phone's leave ran out for which its key and what came under it and is done are kept")),
        Setting(
            "offline-fields", "",
            Text(
                "离线台账另带哪些敏感信息，如 person.careLevel,person.contactPhone；特殊人群信息不能带",
                "Closely kept fields that go along, such as person.careLevel; never those of special groups")),
        Setting(
            "forms-per-minute", "30",
            Text("同一地址每分钟最多匿名提交几次，0 为不限", "Anonymous forms a minute from one address, 0 for no limit")),
        Setting(
            "account-forms-per-minute", "300",
            Text("同一账号每分钟最多提交几次（页面和接口），0 为不限", "Forms and API changes a minute from one account, 0 for no limit")),
        Setting(
            "requests-per-minute", "1200",
            Text(
                "同一地址每分钟最多打开几次页面或查询接口（没有登录的），0 为不限",
                "Pages and API reads a minute from one address without an account, 0 for no limit")),
        Setting(
            "account-requests-per-minute", "1200",
            Text(
                "同一账号每分钟最多打开几次页面或查询接口，0 为不限", "Pages and API reads a minute from one account, 0 for no limit")),
        Setting("connections", "8", Text("PostgreSQL 连接数", "Connections to PostgreSQL")),
        Setting("log-level", "info", Text("日志级别：debug、info、notice、warning、error", "Log level")),
        Setting("demo", nil, Text("演示：验证码写进日志", "Demonstration: one-time codes appear in the log")),
        Setting("config", "", Text("设置文件（YAML）", "File of settings (YAML)")),
        Setting("scale", "0", Text("demo：再造这么多工单，用来压测", "demo: make this many more cases, for measurements")),
        Setting(
            "scale-open", "2",
            Text("demo：再造的旧工单里，千分之几还没办结", "demo: of a thousand older cases made, how many are still open")),
        Setting(
            "fraction", "1",
            Text("demo city：造全城的几分之几，如 0.1", "demo city: what share of the city to make, such as 0.1")),
        Setting("logins", nil, Text("demo：用 JSON 列出演示账号", "demo: print the demo logins as JSON")),
        Setting("photos", nil, Text("demo：也画照片", "demo: draw photos too")),
        Setting("phone", "", Text("user：手机号", "user: phone number")),
        Setting(
            "name", "",
            Text("user add：姓名；user key：哪个程序用", "user add: the person's name; user key: which program it is for")),
        Setting("role", "", Text("user add：职责，如 administrator", "user add: the duty, such as administrator")),
        Setting("division", "", Text("user add：管哪里，区划代码", "user add: over which division, its code")),
        Setting("unit", "", Text("user add：在哪个单位，单位全称", "user add: in which unit, its whole name")),
        Setting(
            "second-factor", nil,
            Text("user password：手机丢了，第二步验证也重设", "user password: forget the second factor too, for a lost phone")),
        Setting("label", "", Text("user token：令牌的用途", "user token: what it is for")),
        Setting("revoke", nil, Text("user key：作废这个密钥", "user key: revoke the key")),
        Setting("month", "", Text("rates recount：只查这个考核月，如 202611", "rates recount: only this month, such as 202611")),
        Setting("repair", nil, Text("rates recount：按评价记录重建汇总", "rates recount: make the sums anew from the evidence")),
        Setting(
            "evidence", nil,
            Text("rates recount：再拿评价记录和办理过程对一遍", "rates recount: compare the evidence with the histories too")),
        Setting(
            "newest", "",
            Text("rates recount --evidence：只查最新的多少件", "rates recount --evidence: only so many of the newest cases")),
        Setting("seconds", "10", Text("bench：每项测多少秒", "bench: seconds per item")),
        Setting("connections-out", "64", Text("bench：并发连接数", "bench: concurrent connections")),
        Setting(
            "write", nil, Text("bench：把结果写进 docs/PERFORMANCE.md", "bench: write the tables into docs/PERFORMANCE.md")),
    ]

    private init(_ name: String, _ initial: String?, _ text: Text) {
        self.name = name
        isSwitch = initial == nil
        self.initial = initial ?? "false"
        self.text = text
    }

    /// `LINLI_TRUST_PROXY`.
    var environmentName: String {
        "LINLI_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
    }

    /// The words a switch may have, in capitals or not.
    static let on = ["true", "1", "yes", "on"]
    static let off = ["false", "0", "no", "off"]

    /// The known name that a mistyped one is closest to; nil when none is close.
    static func closest(to typed: String, among names: [String] = all.map(\.name)) -> String? {
        let near = names.map { ($0, distance(Array(typed.lowercased()), Array($0.lowercased()))) }
        let best = near.min { $0.1 < $1.1 }
        return best.flatMap { $0.1 <= max(2, typed.count / 3) ? $0.0 : nil }
    }

    /// How many letters must be changed, added, taken out or swapped with their neighbour (Damerau, restricted).
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (i, a) in left.enumerated() {
            var row = [i + 1]
            for (j, b) in right.enumerated() {
                var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }

    /// The table of docs/operations/configuration.md.
    static var markdown: String {
        var lines = ["| flag | environment | default | what |", "|---|---|---|---|"]
        for setting in all {
            let initial = setting.isSwitch ? "off" : setting.initial.isEmpty ? "–" : "`\(setting.initial)`"
            lines.append(
                "| `--\(setting.name)` | `\(setting.environmentName)` | \(initial) | \(setting.text.zh) · \(setting.text.en) |"
            )
        }
        return lines.joined(separator: "\n")
    }
}
