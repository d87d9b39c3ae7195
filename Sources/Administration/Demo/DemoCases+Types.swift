import LinliKernel
import LinliStandards

extension DemoCase {
    private static let wall = "3号楼外墙瓷砖空鼓，东侧已掉下两块；请城管办、执法队到场，一起定围挡范围和谁来鉴定。"

    /// Repairs and a grid event, each in the form of its own type; and a whistle to which one unit did not come.
    static let byType: [DemoCase] = [
        DemoCase(
            .resident(.nurse), .daysAgo(2, 19, 20), .assistance, "R0107", at: .entrance(4, 2), .home,
            "厨房水龙头关不紧，一晚上滴满一盆，自己拧过，垫圈好像老化了。"
        ).near("4号楼2单元502").told(as: "repair", ["entry": "home"]).then(
            .minutes(40, .accept(.propertyHandler)),
            .hours(14, .tell(.propertyHandler, "垫圈和阀芯都老了，配件已领，今天下班后上门。"))
        ),
        DemoCase(
            .resident(.topFloor), .daysAgo(1, 20, 15), .assistance, "R0104", at: .entrance(7, 1), .shared,
            "7号楼1单元三层到四层的声控灯不亮，晚上老人下楼摸着走。"
        ).told(as: "repair", ["entry": "shared"]).then(
            .hours(1, .accept(.propertyHandler)),
            .minutes(20, .tell(.propertyHandler, "明天上午带灯头和声控开关来换。"))
        ),
        DemoCase(
            .round(.gridWorker1), .daysAgo(1, 9, 35), .assistance, "E0110", at: .northStreet, .street,
            "北街口雨水箅子断了两根，缝能掉进车轮。"
        ).near("北街与小学路交叉口东北角").told(as: "gridEvent").then(
            .minutes(8, .take(.dispatcher, "file")),
            .minutes(7, .dispatch(.dispatcher, to: .cityOffice, "先放警示桩，今天换。")),
            .minutes(30, .accept(.cityHandler)),
            .hours(2, .tell(.cityHandler, "警示桩已放，新箅子下午到。"))
        ),
        DemoCase(
            .resident(.accountant), .daysAgo(6, 10, 5), .assistance, "R0102", at: .building(3), .estate,
            "3号楼东侧外墙瓷砖往下掉，昨天掉在小孩常玩的空地边上，幸亏没人。"
        ).then(
            .hours(1, .accept(.propertyHandler)),
            .hours(2, .tell(.propertyHandler, "已拉警戒线，东侧空地先不要走。")),
            .hours(
                2,
                .whistle(.blow(.worker, .community, .daily, [.cityOffice, .enforcement], at: "3号楼东侧空地", wall))),
            .minutes(25, .whistle(.confirm(.head))),
            .hours(1, .whistle(.answer(.cityHandler, .cityOffice, phone: "13900000020"))),
            .hours(3, .whistle(.arrive(.cityHandler, .cityOffice)))
        ),
    ]
}
