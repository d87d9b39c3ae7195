import LinliCore
import LinliKernel

/// A way into the demo, for the list `linli demo` prints and for browser tests.
package struct DemoLogin: Sendable {
    /// A stable word for programs, `dispatcher`.
    package let role: String
    /// Who that is.
    package let title: Text
    /// The person's name.
    package let name: String
    /// What to sign in with.
    package let phone: String
    /// The password.
    package let password: String
    /// Whether a second factor is asked for on a new device; `linli user code` prints it.
    package let needsCode: Bool

    private init(_ role: String, _ title: Text, _ name: String, _ phone: String, needsCode: Bool) {
        self.role = role
        self.title = title
        self.name = name
        self.phone = phone
        password = Demo.password
        self.needsCode = needsCode
    }

    private init(_ person: DemoStaff, _ zh: String, _ en: String) {
        self.init(person.rawValue, Text(zh, en), person.facts.name, person.phone, needsCode: true)
    }

    private init(_ person: DemoResident, _ zh: String, _ en: String) {
        self.init(person.rawValue, Text(zh, en), person.facts.name, person.phone, needsCode: false)
    }

    fileprivate static let all: [DemoLogin] = [
        DemoLogin(.elderAlone, "居民，78 岁，一个人住", "Resident, 78, lives alone"),
        DemoLogin(.retiredTeacher, "居民，退休教师", "Resident, retired teacher"),
        DemoLogin(.youngMother, "居民，孩子妈妈", "Resident, young mother"),
        DemoLogin(.tenant, "租户", "Tenant"),
        DemoLogin(.foreigner, "居民，说英语", "Resident, speaks English"),
        DemoLogin(.yardElder, "胡同居民", "Resident of a hutong yard"),
        DemoLogin(.villageElder, "村民", "Villager"),
        DemoLogin(.gridWorker1, "网格员，幸福里第1网格", "Grid worker, grid 1"),
        DemoLogin(.worker, "社区工作者，幸福里", "Community worker"),
        DemoLogin(.head, "社区书记，幸福里", "Community head"),
        DemoLogin(.severalDuties, "一人多岗：网格员、社区工作者、物管会", "Three duties in one account"),
        DemoLogin(.locustGridWorker, "网格员，槐荫里第1网格", "Grid worker, Huaiyinli"),
        DemoLogin(.locustWorker, "社区工作者，槐荫里", "Community worker, Huaiyinli"),
        DemoLogin(.locustHead, "社区书记，槐荫里", "Community head, Huaiyinli"),
        DemoLogin(.villageHead, "村主任，柳河村", "Village head"),
        DemoLogin(.dispatcher, "诉求处置中心调度员", "Dispatcher of the street centre"),
        DemoLogin(.centreHandler, "诉求处置中心承办人员", "Handler of the street centre"),
        DemoLogin(.cityHandler, "街道科室，城市管理办公室", "Street office, city management"),
        DemoLogin(.enforcementHandler, "综合行政执法队", "Enforcement team"),
        DemoLogin(.propertyHandler, "物业公司，安居物业", "Property company"),
        DemoLogin(.managementHandler, "物业管理委员会，槐荫里", "Management committee"),
        DemoLogin(.waterHandler, "自来水公司", "Water company"),
        DemoLogin(.mealManager, "助餐点，送餐到老人家里", "Meal point, brings meals to elders"),
        DemoLogin(.districtOfficer, "区城市管理指挥中心", "District command centre"),
        DemoLogin(.districtHandler, "区城市管理指挥中心承办人员", "Handler of the district command centre"),
        DemoLogin(.cityOfficer, "市级督办", "City officer"),
        DemoLogin(.administrator, "系统管理员", "Administrator"),
        DemoLogin(.auditor, "安全审计员", "Auditor"),
    ]
}

extension Demo {
    /// One login of every kind of person.
    package static let logins: [DemoLogin] = DemoLogin.all

    /// The logins as JSON, for `linli demo --logins`.
    package static func loginsJSON() -> JSONWriter {
        var json = JSONWriter()
        json.array { json in
            for login in logins {
                json.object { json in
                    json.field("role", login.role)
                    json.field("title", login.title.zh)
                    json.field("titleEnglish", login.title.en)
                    json.field("name", login.name)
                    json.field("phone", login.phone)
                    json.field("password", login.password)
                    json.field("needsCode", login.needsCode)
                }
            }
        }
        return json
    }
}
