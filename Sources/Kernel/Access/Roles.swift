import LinliCore

extension Permission {
    /// See cases in one's divisions or units.
    package static let casesRead = Permission("cases.read", Text("查看工单", "See cases"))
    /// Send a case to a unit.
    package static let casesDispatch = Permission("cases.dispatch", Text("派单", "Dispatch cases"))
    /// Take, handle, return and finish a case of one's unit.
    package static let casesHandle = Permission("cases.handle", Text("办理工单", "Handle cases"))
    /// Check a finished case by sampling.
    package static let casesCheck = Permission("cases.check", Text("核查工单", "Check finished cases"))
    /// Decide what neighbours see of a case.
    package static let casesPublish = Permission("cases.publish", Text("公开审核", "Clear cases for the public"))
    /// Tell a need for somebody else.
    package static let casesReport = Permission("cases.report", Text("代为登记", "Register for others"))
    /// See who reported when the reporter chose "only the receiving office": for who receives and dispatches, never for
    /// who handles, because the form promises that handlers see no name and no phone.
    package static let reporterRead = Permission("cases.reporter", Text("查看诉求人", "See the reporter"))
    /// Verify on the spot what was told, and what was done.
    package static let casesVerify = Permission("cases.verify", Text("现场核实、核查", "Verify on the spot"))
    /// Grant pauses and more time, take under supervision.
    package static let casesSupervise = Permission("cases.supervise", Text("督办，审批挂账和延期", "Supervise, grant pauses"))
    /// Decide whose a refused case is.
    package static let casesArbitrate = Permission("cases.arbitrate", Text("裁定派单异议", "Decide disputes"))
    /// Review an objection to a result.
    package static let casesReview = Permission("cases.review", Text("复核", "Review objections"))
    /// Manage rules of dispatch and the catalogue of duties.
    package static let dispatchManage = Permission("dispatch.manage", Text("管理派单规则和目录", "Manage dispatch"))
    /// Change what kinds of cases there are and how they go.
    package static let caseTypesManage = Permission("caseTypes.manage", Text("管理工单类型", "Manage case types"))
    /// Call who asked, about how it went.
    package static let casesFollowUp = Permission("cases.followUp", Text("电话回访", "Follow-up calls"))
    /// Write a whistle: call others to the spot.
    package static let whistlesDraft = Permission("whistles.draft", Text("起草吹哨", "Draft whistles"))
    /// Say yes to a whistle, end it and score who came.
    package static let whistlesConfirm = Permission("whistles.confirm", Text("确认吹哨、打分", "Confirm whistles"))
    /// Manage accounts and duties.
    package static let accountsManage = Permission("accounts.manage", Text("管理账号", "Manage accounts"))
    /// Manage divisions and grids.
    package static let divisionsManage = Permission("divisions.manage", Text("管理区划", "Manage divisions"))
    /// See units, places, rosters, borders of grids and holidays.
    package static let registersRead = Permission("registers.read", Text("查看单位、地点、值班", "See the registers"))
    /// Change units, places, rosters, borders of grids and holidays.
    package static let registersManage = Permission(
        "registers.manage", Text("管理单位、地点、值班", "Manage the registers")
    )
    /// Take a list of cases away.
    package static let casesExport = Permission("cases.export", Text("导出工单", "Export cases"))
    /// Take the evidence of a case away.
    package static let casesEvidence = Permission("cases.evidence", Text("下载证据包", "Take evidence away"))
    /// See the state of the server.
    package static let operationsRead = Permission("operations.read", Text("查看运行情况", "See operations"))
    /// Read the audit.
    package static let auditRead = Permission("audit.read", Text("查看审计", "Read the audit"))

    /// The kernel's permissions.
    package static let kernel: [Permission] = [
        .casesRead, .casesDispatch, .casesHandle, .casesCheck, .casesPublish, .casesReport, .reporterRead,
        .casesVerify, .casesSupervise, .casesArbitrate, .casesReview, .casesFollowUp, .casesEvidence,
        .casesExport, .dispatchManage,
        .whistlesDraft, .whistlesConfirm, .accountsManage, .divisionsManage, .registersRead, .registersManage,
        .caseTypesManage, .operationsRead, .auditRead,
        .peopleRead, .peopleEdit, .peopleReveal, .peopleSpecial, .peopleImport, .peopleExport, .labelsCounts,
        .careDeliver, .visitsPlan, .patrolsPlan, .warningsHandle, .gridPeopleRead, .gridPeopleManage,
    ]
}

/// A named set of permissions; a duty gives it over a division or in a unit.
package struct Role: Sendable {
    /// The stable name.
    package let id: String
    /// What people call it.
    package let name: Text
    /// What it may do.
    package let permissions: Set<Permission>

    /// A role.
    package init(_ id: String, _ name: Text, _ permissions: Set<Permission>) {
        self.id = id
        self.name = name
        self.permissions = permissions
    }

    /// Walks the grid, reports and settles small things on the spot.
    package static let gridWorker = Role(
        "gridWorker",
        Text("网格员", "Grid worker"),
        [
            .casesRead, .casesReport, .casesHandle, .casesVerify, .whistlesDraft, .peopleRead, .peopleEdit,
            .peopleReveal, .labelsCounts, .gridPeopleRead,
        ]
    )
    /// A member of the residents' or villagers' committee.
    package static let communityStaff = Role(
        "communityStaff",
        Text("社区工作者", "Community worker"),
        [
            .casesRead, .casesReport, .casesHandle, .whistlesDraft, .peopleRead, .peopleEdit,
            .peopleReveal, .labelsCounts, .visitsPlan, .warningsHandle, .gridPeopleRead,
        ]
    )
    /// The secretary or director of a community: also dispatches inside it.
    package static let communityHead = Role(
        "communityHead",
        Text("社区书记、主任", "Community head"),
        [
            .casesRead, .casesReport, .casesHandle, .casesDispatch, .casesPublish, .whistlesDraft,
            .whistlesConfirm, .peopleRead, .peopleEdit, .peopleReveal, .peopleImport, .peopleExport, .casesEvidence,
            .casesExport, .labelsCounts, .visitsPlan, .patrolsPlan, .warningsHandle,
            .gridPeopleRead, .gridPeopleManage,
        ]
    )
    /// The street's centre for citizens' needs: the receiving office of who does not want to be known to who handles. A
    /// community that receives by itself gives this duty to somebody there who handles nothing.
    package static let dispatcher = Role(
        "dispatcher",
        Text("诉求处置中心调度员", "Dispatcher"),
        [
            .casesRead, .casesReport, .casesDispatch, .casesCheck, .casesPublish, .reporterRead, .casesSupervise,
            .casesArbitrate, .casesReview, .casesFollowUp, .dispatchManage, .whistlesDraft, .whistlesConfirm,
            .casesEvidence, .casesExport, .labelsCounts, .warningsHandle,
        ]
    )
    /// An office, team, company or station that handles its own cases.
    package static let unitHandler = Role(
        "unitHandler",
        Text("承办人员", "Handler"),
        [.casesRead, .casesHandle, .careDeliver]
    )
    /// The district's command centre.
    package static let districtOfficer = Role(
        "districtOfficer",
        Text("区级调度", "District officer"),
        [
            .casesRead, .casesDispatch, .casesCheck, .casesSupervise, .casesArbitrate, .casesReview, .casesFollowUp,
            .dispatchManage, .casesEvidence, .casesExport, .labelsCounts,
        ]
    )
    /// Looks after a whole city: sees what is open in every district, supervises, dispatches nothing.
    package static let cityOfficer = Role(
        "cityOfficer",
        Text("市级督办", "City officer"),
        [.casesRead, .casesSupervise]
    )
    /// Accounts, duties, divisions, the registers and case types; sees no cases.
    package static let administrator = Role(
        "administrator",
        Text("系统管理员", "Administrator"),
        [
            .accountsManage, .divisionsManage, .registersRead, .registersManage, .caseTypesManage, .operationsRead,
            .gridPeopleRead, .gridPeopleManage,
        ]
    )
    /// The audit and the registers; changes nothing.
    package static let auditor = Role(
        "auditor", Text("安全审计员", "Auditor"), [.auditRead, .registersRead, .operationsRead, .gridPeopleRead])

    /// Every role.
    package static let all: [Role] = [
        .gridWorker, .communityStaff, .communityHead, .dispatcher, .unitHandler, .districtOfficer, .cityOfficer,
        .administrator, .auditor,
    ]

    /// The role with an id.
    package static func named(_ id: String) -> Role? { all.first { $0.id == id } }
}
