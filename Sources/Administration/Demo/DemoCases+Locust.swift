import LinliKernel
import LinliStandards

extension DemoCase {
    private static let liftAnswer =
        "槐荫里1号楼符合条件。本单元专有面积和人数都过三分之二的业主参加表决，参加者都过四分之三同意就能申报，一层的意见要单独听。"
        + "周六上午9点半在社区活动室讲，带图纸。"

    /// 槐荫里小区 has no property company: its management committee looks after it.
    static let inLocust: [DemoCase] = [
        DemoCase(
            .resident(.locustRetired), .daysAgo(19, 9, 10), .complaint, "R1301", at: .locustEntrance(3, 2), .shared,
            "二层楼道让人堆满了旧门板和花盆，消防箱都打不开。没有物业，不知道找谁。"
        ).then(
            .hours(3, .accept(.managementHandler)),
            .days(1, .finish(.managementHandler, "门板拉走了，花盆挪到院里花架上，消防箱前面画了黄线。")),
            .hours(9, .confirm(4, "原来还有物管会，下次知道找谁了。"))
        ),
        DemoCase(
            .counter(.locustWorker, name: "韩德福", phone: "19900000125"), .daysAgo(2, 9, 30), .assistance, "R0103",
            at: .locustEntrance(1, 1), .shared,
            "一层厨房返水，地漏往上冒，老人来居委会说的，家里铺了旧报纸垫着，脚下很滑。"
        ).then(
            .hours(1, .accept(.severalDuties)),
            .hours(4, .tell(.severalDuties, "立管在二层拐弯处堵了，疏通公司明早八点到，今晚楼上几户先少用水。"))
        ),
        DemoCase(
            .resident(.locustTeacher), .daysAgo(36, 10, 0), .consultation, "R0203", at: .locustEntrance(1, 2), .shared,
            "请问我们这样的老楼能不能加装电梯？一层有人不同意还能申请吗？街道有没有人能来讲一讲？"
        ).then(
            .hours(5, .dispatch(.dispatcher, to: .cityOffice, "")),
            .days(1, .accept(.cityHandler)),
            .days(5, .finish(.cityHandler, liftAnswer)),
            .days(1, .confirm(5, "讲得很明白，已经有八户签了意向。"))
        ),
        DemoCase(
            .resident(.locustDriver), .daysAgo(14, 20, 50), .suggestion, "R0801", at: .locustEstate, .estate,
            "院里停车全凭先来后到，晚上八点以后就没地方。建议画线编号，东边那块空地平一平还能停十几辆。"
        ),
        DemoCase(
            .resident(.locustMother), .daysAgo(4, 18, 20), .assistance, "R0302", at: .locustEntrance(2, 1), .home,
            "晚上六点到八点水压特别低，热水器点不着火，给孩子洗个澡要等半个钟头。"
        ).then(
            .hours(15, .accept(.waterHandler)),
            .days(1, .tell(.waterHandler, "测过了，总表后压力正常，怀疑是楼内过滤器堵了，约今晚入户看。"))
        ),
        DemoCase(
            .resident(.locustNewlywed), .daysAgo(4, 22, 0), .assistance, "R0601", at: .locustEntrance(2, 3), .home,
            "客厅暖气只有半片热，屋里16度，裹着棉袄看电视。"
        ).then(
            .hours(10, .accept(.heatHandler)),
            .ago(1500, .finish(.heatHandler, "立管放气，阀门换新，入户测温客厅21度、卧室20.5度。"))
        ),
        DemoCase(
            .resident(.locustMother), .daysAgo(27, 8, 5), .suggestion, "R1402", at: .locustEstate, .estate,
            "垃圾投放点正对着2号楼的窗户，建议挪到自行车棚北边，再装个洗手的水龙头。"
        ).then(
            .hours(6, .accept(.severalDuties)),
            .days(8, .finish(.severalDuties, "征求了四栋楼的意见，42户里39户同意，投放点上周六挪好了，水龙头也接上了。")),
            .hours(12, .confirm(5, "说了就有人办，值得表扬。"))
        ),
        DemoCase(
            .resident(.locustTeacher), .daysAgo(10, 17, 55), .assistance, "R2006", at: .locustEntrance(1, 1), .home,
            "对门韩大爷两天没开门了，敲门没人应，屋里好像有电视声，我很担心。"
        ).urgent().then(
            .minutes(5, .dispatch(.dispatcher, to: .locustCommittee, "请马上上门，联系不上家属就报110、120。")),
            .minutes(4, .accept(.locustWorker)),
            .minutes(35, .finish(.locustWorker, "联系上老人的女儿，开门进去，老人感冒卧床，已陪去卫生站看过，女儿当晚赶到。")),
            .hours(2, .confirm(5, "人没事就好，谢谢跑得这么快。"))
        ),
        DemoCase(
            .round(.severalDuties), .daysAgo(6, 15, 30), .assistance, "C0126", at: .pocketPark, .street,
            "口袋公园的漫步机脚踏松了，一晃一晃的，老人站上去容易摔。"
        ).settled("拧紧了螺栓，换了防滑垫，自己上去试过。").then(
            .hours(2, .publish(.locustHead, "口袋公园漫步机脚踏松了", at: "", nil, result: "拧紧了螺栓，换了防滑垫。")),
            .days(4, .lapse)
        ),
    ]

    /// Pipes and wires: they belong to the utilities, wherever they are.
    static let byPipes: [DemoCase] = [
        DemoCase(
            .resident(.nurse), .daysAgo(21, 6, 20), .assistance, "R0301", at: .entrance(2, 1), .home,
            "早上起来没水，也没看到停水通知，整个单元都这样。"
        ).then(
            .minutes(40, .accept(.waterHandler)),
            .hours(3, .finish(.waterHandler, "楼前支管阀门被误关，9点半已恢复，以后操作前先贴通知。")),
            .hours(2, .confirm(4, ""))
        ),
        DemoCase(
            .resident(.tenant), .daysAgo(2, 20, 30), .assistance, "R0402", at: .entrance(5, 2), .home,
            "一开空调就跳闸，同层三家都这样，是不是线太细了？"
        ).then(
            .hours(1, .accept(.powerHandler)),
            .hours(14, .tell(.powerHandler, "层箱里的总开关偏小，明天上午停电半小时更换，通知已贴在一层。"))
        ),
        DemoCase(
            .resident(.grandmother), .daysAgo(26, 18, 15), .assistance, "R0501", at: .entrance(4, 1), .home,
            "楼道里有煤气味，二层最重，已经把窗户打开了，没敢开灯。"
        ).urgent().then(
            .minutes(3, .accept(.gasHandler)),
            .minutes(2, .tell(.gasHandler, "抢修车已出发，请到楼外等，不要开关电器，不要在楼道打电话。")),
            .minutes(40, .finish(.gasHandler, "二层一户灶具软管老化开裂，已换金属软管，整个单元逐户测过，没有泄漏。")),
            .hours(2, .confirmBeforeCheck(5, "十五分钟就到了。")),
            .hours(14, .pass(.lateDispatcher, "核对了抢修记录和测漏单。"))
        ),
        DemoCase(
            .resident(.singer), .minutesAgo(400), .assistance, "R0602", at: .entrance(4, 3), .home,
            "暖气片接口滋水，已经拿盆接了两盆，木地板要泡了。"
        ).urgent().then(
            .ago(392, .accept(.heatHandler)),
            .ago(330, .finish(.heatHandler, "关了分户阀，换了接口和密封圈，通水后看了二十分钟，不漏了。")),
            .ago(90, .confirmBeforeCheck(5, "不漏了，师傅还帮着把地擦了。"))
        ),
        DemoCase(
            .resident(.yardYoung), .daysAgo(3, 16, 0), .complaint, "R0703", at: .lane, .street,
            "巷子上头的线缆像蜘蛛网，有几根耷拉到人头顶，送快递的车都挂住过。"
        ).then(
            .hours(2, .refuse(.telecomHandler, "wrongPlace", "现场是三家单位的线，低垂的一段是旧有线电视线，不归我们。")),
            .hours(16, .dispatch(.dispatcher, to: .cityOffice, "请牵头，会同几家通信单位一起归整。")),
            .hours(3, .accept(.cityHandler))
        ),
        DemoCase(
            .resident(.newcomer), .minutesAgo(55), .assistance, "R0304", at: .entrance(3, 1), .shared,
            "一层水表间里水管漏水，水已经流到楼道了，总阀锈住拧不动。"
        ).urgent().then(.ago(42, .accept(.waterHandler))),
        DemoCase(
            .resident(.shopkeeper), .daysAgo(31, 5, 40), .assistance, "E0502", at: .northStreet, .street,
            "北街中间往上冒水，半条街都淹了，看着像自来水管破了。"
        ).urgent().willing().then(
            .minutes(5, .accept(.waterHandler)),
            .hours(4, .finish(.waterHandler, "关阀开挖，换管3米，9点50分恢复供水，路面临时铺好，后天恢复沥青。")),
            .hours(1, .confirm(4, "处理得快，就是一早没法做豆浆。")),
            .hours(1, .publish(.dispatcher, "北街自来水管破了", at: "北街中段", nil, result: "换管3米，当天9点50分恢复供水，路面已经铺好。"))
        ),
    ]
}
