import LinliKernel
import LinliStandards

extension DemoCase {
    /// Between neighbours, and what goes on in homes.
    static let inHomes: [DemoCase] = [
        DemoCase(
            .resident(.tenant), .daysAgo(18, 0, 15), .complaint, "R1001", at: .entrance(5, 2), .home,
            "楼上每天半夜一两点还在拖椅子、放音响，我六点要起来上早班。上去敲过门，越敲越响。"
        ).then(
            .hours(9, .accept(.propertyHandler)),
            .days(1, .finish(.propertyHandler, "和网格员一起上门谈了，住户给桌椅腿贴了毛毡，答应十一点后用耳机。")),
            .days(1, .confirm(4, "安静多了，再看几天。"))
        ),
        DemoCase(
            .resident(.nurse), .daysAgo(1, 13, 5), .complaint, "R1002", at: .building(2), .home,
            "三层装修，中午十二点半还在用电锤，我下夜班根本睡不了。装修公示上写的是两点以后才能施工。"
        ).then(
            .minutes(50, .accept(.propertyHandler)),
            .hours(2, .tell(.propertyHandler, "当场停工，装修公司签了承诺，押金先扣着，这几天中午会去看。"))
        ),
        DemoCase(
            .resident(.widower), .daysAgo(40, 17, 25), .assistance, "R1101", at: .entrance(7, 3), .home,
            "楼上卫生间漏到我家，吊顶泡坏了。物业看过说是楼上的事，楼上说水管是开发商装的，谁也不认。"
        ).then(
            .hours(16, .accept(.propertyManager)),
            .days(2, .note(.propertyManager, "打压测过，漏点在楼上淋浴软管接头，两家为赔多少谈不拢。")),
            .hours(3, .dispatch(.dispatcher, to: .judicial, "双方愿意调解，请司法所主持。")),
            .days(1, .accept(.mediator)),
            .days(4, .finish(.mediator, "双方达成协议：楼上三天内修好接头，赔吊顶材料费1,200元，已付清，协议一式三份。")),
            .hours(8, .confirm(5, "坐下来说清楚就好了，以后见面还打招呼。"))
        ),
        DemoCase(
            .resident(.student), .daysAgo(7, 18, 40), .tipOff, "R1305", at: .building(5), .estate,
            "5号楼高层有人往下扔烟头和酸奶瓶，今天差一点砸到放学的小孩。"
        ).urgent().then(
            .minutes(12, .dispatch(.dispatcher, to: .safetyOffice, "请会同物业调监控。")),
            .minutes(20, .accept(.safetyHandler)),
            .hours(30, .finish(.safetyHandler, "监控只拍到地面，已逐层走访，贴了告知书，申请加装朝上的摄像头。")),
            .hours(4, .confirmBeforeCheck(3, "没再看到扔东西。")),
            .hours(17, .fail(.dispatcher, "回访其他住户，前天夜里又有人扔，摄像头也还没装上，请继续办。")),
            .hours(3, .tell(.safetyHandler, "摄像头本周内装，装好前请保安在放学时间守在楼下。"))
        ),
        DemoCase(
            .resident(.youngMother), .minutesAgo(170), .complaint, "R1201", at: .square, .street,
            "小广场上有人遛大狗不拴绳，追着孩子跑。说他两句还骂人，这已经是这周第二次了。"
        ).then(.ago(140, .dispatch(.dispatcher, to: .police, "请养犬管理民警到现场核实。"))),
        DemoCase(
            .resident(.nurse), .daysAgo(30, 21, 45), .complaint, "R1003", at: .square, .street,
            "小广场跳舞的音箱开到九点半，隔着两栋楼窗户都嗡嗡响，老人孩子都要睡了。"
        ).then(
            .hours(11, .dispatch(.dispatcher, to: .committee, "先请居委会找领舞的人商量。")),
            .hours(1, .accept(.worker)),
            .days(2, .finish(.worker, "和两支队伍商量好：八点半结束，音箱朝东，居委会借给分贝仪，自己看着不超。")),
            .days(1, .confirm(4, "现在到点就散，邻居之间好说好商量挺好的。"))
        ),
        DemoCase(
            .resident(.newcomer), .daysAgo(6, 20, 0), .tipOff, "R1602", at: .building(3), .home,
            "3号楼五层一套三居打了隔断，住了十几个人，厨房里也睡人，煤气灶边上就是床。别说是我讲的，需要问情况打 19900000119。"
        ).then(
            .hours(13, .dispatch(.dispatcher, to: .enforcement, "请与派出所、消防一起入户检查，注意不要透露举报人。")),
            .hours(4, .accept(.enforcementHandler)),
            .days(2, .note(.enforcementHandler, "已入户，隔断4处，限期五天自行拆除，租户由中介安置。"))
        ),
        DemoCase(
            .resident(.dogOwner), .daysAgo(13, 8, 30), .consultation, "R1206", at: .entrance(8, 4), .home,
            "请问狗证年检是不是要换地方了？去年在派出所，今年听说街道也能办，要带什么？"
        ).then(
            .hours(2, .dispatch(.lateDispatcher, to: .police, "")),
            .hours(3, .accept(.policeOfficer)),
            .hours(20, .finish(.policeOfficer, "今年还在派出所社区警务室，周二、周四上午9点到11点半，带旧证、免疫证明和身份证。")),
            .hours(2, .confirm(5, "清楚了。"))
        ),
    ]

    /// 多福巷: yards of public housing.
    static let inLane: [DemoCase] = [
        DemoCase(
            .resident(.yardElder), .daysAgo(11, 7, 30), .assistance, "R0103", at: .yard(5), .estate,
            "院里下水道堵了，污水从井口往外冒，七户人家没法用水，味儿都进屋了。"
        ).urgent().then(
            .minutes(15, .accept(.publicHousingHandler)),
            .hours(2, .finish(.publicHousingHandler, "疏通车来通开了，掏出来一团抹布，院里用消毒液冲过。")),
            .hours(3, .confirm(5, "上午就通了，邻居都说好。"))
        ),
        DemoCase(
            .resident(.yardOwner), .daysAgo(17, 14, 10), .assistance, "R0101", at: .yard(9), .home,
            "西屋房顶漏雨，顶棚鼓了个包，拿盆接着呢。房是公家的，自己不敢上房。"
        ).photographed(.ceiling).then(
            .hours(20, .accept(.publicHousingHandler)),
            .days(3, .tell(.publicHousingHandler, "看过了，要揭瓦重做，已报今年的修缮计划，先盖了一层苫布。")),
            .days(6, .add("苫布让风刮跑了，昨天又漏，能不能先来压一压？"))
        ),
        DemoCase(
            .resident(.yardFather), .daysAgo(5, 6, 40), .complaint, "C0301", at: .lane, .street,
            "胡同口公厕的灯坏了一盏，冲水也不好使，早上排队的人多，地上都是水。"
        ).then(
            .hours(3, .accept(.gridWorker3)),
            .hours(5, .dispatch(.dispatcher, to: .cityOffice, "公厕由环卫管，网格员核实属实。")),
            .hours(2, .accept(.cityHandler)),
            .hours(22, .tell(.cityHandler, "灯已换好，冲水阀要整套更换，配件后天到。"))
        ),
        DemoCase(
            .nobody, .daysAgo(14, 23, 20), .tipOff, "R1601", at: .lane, .estate,
            "12号院往里走，有人夜里偷偷往房顶上加盖一层，砖和水泥都是后半夜运进来的。"
        ).then(
            .hours(10, .dispatch(.dispatcher, to: .enforcement, "")),
            .hours(5, .accept(.enforcementHandler)),
            .days(1, .note(.enforcementHandler, "现场没有审批手续，已开停工通知书，房主外出，电话约谈。"))
        ),
        DemoCase(
            .resident(.yardYoung), .daysAgo(50, 12, 15), .complaint, "R2503", at: .yard(12), .home,
            "院墙外面饭馆的排烟口正对着我家窗户，一到饭点满屋油烟，夏天都不敢开窗。"
        ).then(
            .hours(4, .dispatch(.dispatcher, to: .enforcement, "")),
            .hours(18, .accept(.enforcementHandler)),
            .days(4, .finish(.enforcementHandler, "饭馆清洗了净化器。")),
            .days(2, .contest("清洗管了两天，排烟口还是冲着窗户，位置不改没有用。")),
            .hours(5, .dispatch(.dispatcher, to: .enforcement, "请督促把排烟口改到屋面以上。")),
            .hours(4, .accept(.enforcementHandler)),
            .days(9, .finish(.enforcementHandler, "排烟管加高到屋脊以上，换了新净化器，检测达标，报告留在居委会。")),
            .days(1, .confirmBeforeCheck(3, "现在能开窗了，就是等得久。")),
            .days(1, .pass(.lateDispatcher, "现场看过，烟管已改。"))
        ),
        DemoCase(
            .resident(.yardElder), .daysAgo(24, 16, 50), .assistance, "R0403", at: .yard(7), .estate,
            "7号院门口的电线皮破了，露着铜丝，正好在孩子够得着的地方。"
        ).urgent().then(
            .minutes(8, .accept(.powerHandler)),
            .minutes(50, .finish(.powerHandler, "破皮的一段已换新线，抬高到2.5米，院里其他接头都包过了。")),
            .hours(2, .confirm(5, "不到一个小时就来了，放心了。"))
        ),
        DemoCase(
            .round(.gridWorker3), .daysAgo(8, 10, 5), .assistance, "C0114", at: .lane, .street,
            "多福巷中段一块井盖松动，走上去咣当响，边上缺了一角。"
        ).near("7号院门前").settled("垫了胶圈，踩着不响了，缺角处放了警示锥，已登记换盖。").then(.days(4, .lapse)),
    ]
}
