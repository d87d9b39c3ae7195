import LinliKernel
import LinliStandards

extension DemoCase {
    private static let pole = "北街和多福巷口便道边上有根杆子歪了，挂着的铁箱门敞着，一刮风就晃，问了几家都说不是自己的。"
    private static let tables = "北街火锅店一到晚上就把七八张桌子摆到便道上，轮椅和婴儿车只能下马路走。"

    /// What people do not agree on: whose it is, and whether it was done. Both wait for who decides.
    static let inDispute: [DemoCase] = [
        DemoCase(
            .visitor("冯女士", phone: "19900000303"), .daysAgo(1, 8, 25), .assistance, "C0117", at: .northStreet, .street,
            pole
        ).near("北街与多福巷口西北角").then(
            .hours(2, .dispatch(.dispatcher, to: .power, "请先到现场认一认这根杆。")),
            .hours(3, .refuse(.powerHandler, "notOurs", "杆上没有供电线路，杆号也不在我们的台账里。")),
            .hours(1, .dispatch(.dispatcher, to: .telecom, "杆上挂着通信箱，请扶正、围好。")),
            .ago(50, .refuse(.telecomHandler, "notOurs", "箱子几年前就停用拆线了，杆是谁立的，我们这里查不到。"))
        ),
        DemoCase(
            .visitor("魏女士", phone: "19900000304"), .daysAgo(9, 20, 40), .complaint, "E0404", at: .northStreet, .street,
            tables
        ).then(
            .hours(13, .dispatch(.dispatcher, to: .enforcement, "")),
            .hours(4, .accept(.enforcementHandler)),
            .days(1, .finish(.enforcementHandler, "店家当场把桌椅收回店里，写了承诺书。")),
            .days(1, .contest("就收了一个晚上，第二天又摆出来了，轮椅还是得下马路。")),
            .hours(3, .dispatch(.dispatcher, to: .enforcement, "请连着几晚去看，记下每次的时间。")),
            .hours(2, .accept(.enforcementHandler)),
            .days(3, .finish(.enforcementHandler, "连查三晚，处罚一次，便道上划了线，店家答应不出线。")),
            .ago(780, .contest("线是划了，查的人一走照样摆出来，请换个人来看。"))
        ),
    ]
}
