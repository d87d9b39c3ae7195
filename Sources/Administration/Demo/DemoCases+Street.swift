import LinliKernel
import LinliStandards

extension DemoCase {
    private static let lamp = "北街小学门口一盏路灯不亮"
    private static let lampPlace = "北街小学往西第三盏"
    private static let lampText = "北街小学门口往西第三盏路灯不亮，天一黑那一段什么都看不见，放学晚的孩子都绕到马路中间走。"

    private static let pothole = "北街菜店门前"
    private static let potholeWhistle = "路面坑反复塌陷，已有人摔倒；请城管办和执法队到场，一起定怎么围挡、怎么改道、什么时候修。"
    private static let stalls = "北街早市占道反复，街道一家疏导不了，请区里到场一起定便民菜点的点位和时段。"
    private static let stallsAgreed = "区里一周内批两处便民菜点，街道负责引导入点，每天六点半到九点有人值守。"
    private static let flood = "北街下凹段积水到膝盖，有车熄火，请马上到场封路、抽排。"

    /// Streets and public space.
    static let inStreet: [DemoCase] = [
        DemoCase(
            .resident(.shopkeeper), .daysAgo(8, 18, 50), .assistance, "C0118", at: .northStreet, .street,
            "北街小学门口往西第三盏路灯不亮，天一黑那一段什么都看不见，放学晚的孩子都绕到马路中间走。"
        ).near("北街小学往西第三盏").photographed(.streetLamp).willing().then(
            .hours(1, .note(.gridWorker1, "去看过，灯杆完好，灯头不亮，两侧的灯是好的。")),
            .hours(14, .dispatch(.dispatcher, to: .cityOffice, "请联系路灯养护单位。")),
            .hours(1, .accept(.cityHandler)),
            .minutes(20, .publish(.head, lamp, at: lampPlace, lampText, result: "")),
            .hours(9, .show(.cityHandler, "换了灯头和一段老化的电缆，晚上看过，亮了。")),
            .hours(13, .confirm(5, "亮堂多了，买卖都好做了。")),
            .hours(1, .publish(.head, lamp, at: lampPlace, lampText, result: "换了灯头和一段老化的电缆，当晚就亮了。"))
        ),
        DemoCase(
            .resident(.courier), .daysAgo(4, 13, 40), .assistance, "E0110", at: .northStreet, .street,
            "北街菜店门口路面有个大坑，一下雨看不出深浅，昨天一个骑电动车的大姐摔了。"
        ).near("菜店门前机动车道").photographed(.pothole).willing().then(
            .hours(2, .dispatch(.dispatcher, to: .cityOffice, "先围挡，再修。")),
            .hours(1, .accept(.cityHandler)),
            .hours(
                1, .publish(.dispatcher, "菜店门口路面有个大坑", at: "北街菜店门前机动车道", "北街菜店门口路面有个大坑，一下雨看不出深浅，骑电动车的容易摔。", result: "")),
            .hours(4, .tell(.cityHandler, "已摆了锥桶。沥青要等气温和车流，排在后天夜里修。")),
            .hours(2, .join(.youngMother, "推婴儿车过去，前轮陷在坑里，差点翻了。", home: "6号楼1单元402")),
            .hours(13, .join(.retiredTeacher, "早上买菜人多，都绕着这个坑走到马路中间。", home: "1号楼1单元301")),
            .hours(5, .join(.grandmother, "接孙子放学，天黑看不见坑，崴了脚。", home: "2号楼3单元101")),
            .hours(
                3,
                .whistle(
                    .blow(
                        .worker, .community, .daily, [.cityOffice, .enforcement], at: pothole, potholeWhistle)))
        ),
        DemoCase(
            .round(.gridWorker1), .daysAgo(9, 8, 20), .complaint, "R2803", at: .northStreet, .street,
            "地铁口旁边共享单车堆了四五十辆，盲道全占了。"
        ).near("地铁口便道").photographed(.streetBikes).known(to: .named)
            .settled("和运维师傅一起挪到停车框里，盲道腾出来了，约好早晚各来一趟。").then(.days(4, .lapse)),
        DemoCase(
            .round(.gridWorker1), .minutesAgo(110), .assistance, "E0201", at: .northStreet, .street,
            "公告栏和两根灯杆上贴满了开锁、办证的小广告。"
        ).photographed(.leaflets).settled("已铲掉，用清水刷过，电话号码报给了城管。"),
        DemoCase(
            .resident(.accountant), .daysAgo(23, 8, 0), .complaint, "E0401", at: .northStreet, .street,
            "每天早上一溜三轮车在便道上卖菜，人行道走不了，烂菜叶子扔一地。"
        ).then(
            .hours(4, .dispatch(.dispatcher, to: .enforcement, "")),
            .hours(2, .accept(.enforcementHandler)),
            .hours(1, .whistle(.blow(.dispatcher, .street, .campaign, [.districtCentre], at: "街道二层会议室", stalls))),
            .hours(2, .whistle(.answer(.districtOfficer, .districtCentre, phone: "13900000003"))),
            .hours(18, .whistle(.arrive(.districtOfficer, .districtCentre))),
            .hours(1, .whistle(.agree(.dispatcher, lead: .districtCentre, stallsAgreed))),
            .hours(2, .whistle(.end(.dispatcher, [DemoScore(.districtCentre, 5, "来得早，当场定了点位")]))),
            .days(2, .finish(.enforcementHandler, "七个摊子劝到便民菜点里，给了临时摊位，每天六点半到九点有人值守。")),
            .days(4, .lapse)
        ),
        DemoCase(
            .resident(.programmer), .daysAgo(29, 19, 10), .assistance, "E0506", at: .northStreet, .street,
            "下大雨，北街下凹那段积水到膝盖了，有辆车熄火在里面。"
        ).urgent().willing().then(
            .minutes(7, .dispatch(.lateDispatcher, to: .cityOffice, "请先封路，再抽排。")),
            .minutes(5, .accept(.cityHandler)),
            .minutes(
                3,
                .whistle(
                    .blow(
                        .gridWorker1, .community, .emergency, [.cityOffice, .enforcement], at: "北街下凹段",
                        flood))),
            .minutes(4, .whistle(.confirm(.head))),
            .minutes(11, .whistle(.arrive(.cityHandler, .cityOffice))),
            .minutes(5, .whistle(.arrive(.enforcementHandler, .enforcement))),
            .minutes(8, .whistle(.agree(.gridWorker1, lead: .cityOffice, "城管办抽排，执法队两头封路，社区看着行人。"))),
            .minutes(60, .whistle(.end(.head, [DemoScore(.cityOffice, 5), DemoScore(.enforcement, 4)]))),
            .minutes(29, .finish(.cityHandler, "21时20分排干，车拖走了，雨水口掏出两车树叶。")),
            .hours(11, .confirm(5, "")),
            .hours(
                2,
                .publish(.dispatcher, "下大雨，北街下凹处积水", at: "北街下凹段", "下大雨，北街下凹那段积水到膝盖了。", result: "当晚21时20分排干，雨水口掏出两车树叶。"))
        ),
        DemoCase(
            .resident(.foreigner), .daysAgo(1, 21, 15), .assistance, "C0118", at: .building(8), .street,
            "The street lamp by the north gate has been out since Monday. My daughter walks home from piano after eight "
                + "and it is completely dark there. Thank you!"
        ).near("north gate").willing().then(.hours(11, .accept(.gridWorker2))),
        DemoCase(
            .resident(.youngMother), .daysAgo(20, 17, 30), .suggestion, "R2705", at: .square, .street,
            "小广场的滑梯扶手裂了，边上有毛刺，孩子手上扎了一下。希望换一个，再铺软一点的地垫。"
        ).then(
            .hours(15, .accept(.worker)),
            .hours(1, .publish(.head, "小广场滑梯扶手裂了", at: "", "小广场的滑梯扶手裂了，边上有毛刺，容易扎手。希望换一个，再铺软一点的地垫。", result: "")),
            .days(4, .finish(.worker, "扶手打磨后包了软边，地垫报了民生项目，下个月铺。")),
            .days(1, .confirm(4, "先这样，等地垫。")),
            .ago(65, .reopen("软边才三个礼拜就开胶了，又露出毛刺，地垫也没见来。"))
        ),
        DemoCase(
            .visitor("郭女士", phone: "19900000301"), .daysAgo(2, 11, 10), .complaint, "E0405", at: .northStreet, .street,
            "北街小学放学的时候，接孩子的车停了三排，公交车出不去，校门口乱成一团。"
        ).then(
            .hours(3, .dispatch(.dispatcher, to: .police, "请交警和学校一起定错峰放学。")),
            .hours(4, .accept(.policeOfficer))
        ),
        DemoCase(
            .resident(.retiredTeacher), .daysAgo(3, 10, 20), .suggestion, "R2802", at: .northStreet, .street,
            "北街路口红绿灯过马路的时间太短，腿脚慢的老人走到一半就变灯了，建议加五秒，中间设个安全岛。"
        ).then(
            .hours(6, .dispatch(.dispatcher, to: .districtCentre, "信号灯由区里统一配时，请协调交管部门。")),
            .hours(1, .publish(.dispatcher, "北街路口绿灯时间太短", at: "北街路口", nil, result: ""))
        ),
    ]

    /// What offices and service points do for people.
    static let byOffices: [DemoCase] = [
        DemoCase(
            .family(.daughter, of: "张桂兰"), .daysAgo(15, 12, 40), .consultation, "R2001", at: .entrance(3, 2), .home,
            "我妈78岁一个人住，最近懒得做饭，想问助餐点能不能送到家？软一点、少盐，她牙不好。"
        ).then(
            .hours(2, .dispatch(.dispatcher, to: .meals, "独居老人，请尽快联系。")),
            .hours(1, .accept(.mealManager)),
            .hours(20, .finish(.mealManager, "明天起每天11点半送到家，软食少盐，一荤两素15元，80岁以下个人付12元，餐盒第二天收。")),
            .days(2, .confirm(5, "我妈说菜烧得烂，送餐的小伙子还帮她把药盒分好了。"))
        ),
        DemoCase(
            .counter(.worker, name: "张桂兰", phone: "19900000101"), .daysAgo(34, 10, 15), .consultation, "R2004",
            at: .entrance(3, 2), .home,
            "张阿姨来问高龄津贴什么时候能领、要不要自己去办。身份证 110100194803120022，不会用手机，请打电话告诉她。"
        ).then(
            .hours(2, .dispatch(.dispatcher, to: .serviceCentre, "")),
            .hours(3, .accept(.windowClerk)),
            .days(1, .finish(.windowClerk, "满80周岁当月起发，不用跑腿，社区提前一个月上门核对。已打电话告诉本人，记在了她家日历上。")),
            .hours(4, .confirm(5, "老人说听明白了。"))
        ),
        DemoCase(
            .resident(.tenant), .daysAgo(2, 12, 20), .consultation, "R1902", at: .entrance(5, 2), .home,
            "我是外地医保，在北京看牙能不能直接结算？要先在哪儿备案，回老家还能用吗？"
        ).then(
            .hours(2, .dispatch(.lateDispatcher, to: .serviceCentre, "")),
            .hours(2, .accept(.windowClerk)),
            .ago(1200, .finish(.windowClerk, "先在参保地的手机程序上做异地就医备案，选北京，当天生效，门诊能直接结；回老家照常用。带身份证来窗口也能帮您办。"))
        ),
        DemoCase(
            .resident(.youngMother), .minutesAgo(150), .consultation, "R2201", at: .entrance(6, 1), .home,
            "孩子明年上小学，户口不在这边，房子是租的，需要准备哪些材料？几月份开始报名？"
        ).then(.ago(100, .dispatch(.dispatcher, to: .welfareOffice, ""))),
        DemoCase(
            .resident(.wheelchairUser), .daysAgo(5, 9, 50), .assistance, "R2104", at: .entrance(1, 2), .home,
            "轮椅的电池不行了，充一晚上走不出院门。听说辅具有补贴，想换一台，怎么申请？"
        ).then(
            .hours(1, .dispatch(.dispatcher, to: .welfareOffice, "")),
            .hours(4, .accept(.welfareHandler)),
            .days(1, .tell(.welfareHandler, "符合条件，评估员周三上午上门，旧轮椅先借给您一块备用电池。"))
        ),
        DemoCase(
            .visitor("曹先生", phone: "19900000302"), .daysAgo(32, 16, 30), .tipOff, "R2602", at: .square, .street,
            "小广场边上有人摆摊给老人免费量血压，完了就推销保健床垫，一张一万多，我爸差点交了定金。"
        ).then(
            .hours(1, .dispatch(.dispatcher, to: .police, "请联合市场监管到场。")),
            .hours(1, .accept(.policeOfficer)),
            .days(2, .finish(.policeOfficer, "摊子清走，两名推销员带回调查，追回三位老人的定金共4,500元，社区贴了提醒。")),
            .days(1, .confirm(5, "钱退回来了。"))
        ),
        DemoCase(
            .resident(.courier), .daysAgo(16, 6, 30), .assistance, "R2601", at: .building(8), .estate,
            "夜里电动车电瓶让人偷了，车就停在8号楼门口，已经打过110，想请物业和社区帮着调监控。"
        ).urgent().then(
            .minutes(10, .dispatch(.lateDispatcher, to: .police, "已报110，请与物业对接监控。")),
            .minutes(15, .accept(.policeOfficer)),
            .days(4, .finish(.policeOfficer, "查获一名嫌疑人，电瓶追回，通知您来所里认领。")),
            .hours(6, .confirm(5, "真给找回来了！"))
        ),
        DemoCase(
            .resident(.grandmother), .minutesAgo(45), .suggestion, "R2505", at: .building(4), .estate,
            "北街菜店拆了以后买菜要走二十分钟，建议每周来一两趟流动菜车，老人拎着走不动。"
        ),
        DemoCase(
            .resident(.student), .daysAgo(13, 11, 30), .consultation, "R2402", at: .entrance(5, 1), .home,
            "学校要居住证明，我住的是父母的房子，户口在外地，在哪儿开，要房本原件吗？"
        ).then(
            .hours(1, .dispatch(.dispatcher, to: .committee, "")),
            .hours(1, .accept(.worker)),
            .hours(3, .finish(.worker, "带身份证和房本复印件来居委会，当场就开，周末上午也有人。")),
            .hours(18, .confirm(5, "五分钟就开好了。"))
        ),
    ]

    /// 柳河村, a village of another district.
    static let inVillage: [DemoCase] = [
        DemoCase(
            .resident(.villageWoman), .daysAgo(14, 19, 40), .assistance, "C0118", at: .group(2), .street,
            "二组东头三盏太阳能路灯都不亮了，晚上从大棚回来深一脚浅一脚。"
        ).photographed(.streetLamp).willing().then(
            .hours(14, .accept(.villageHead)),
            .days(3, .show(.villageHead, "换了两块电池、一块板子，三盏都亮了，树枝也修了。")),
            .hours(22, .confirm(5, "亮了亮了。")),
            .hours(
                1,
                .publish(
                    .villageHead, "二组东头三盏路灯不亮", at: "柳河村二组东头", "二组东头三盏太阳能路灯都不亮了，晚上走路深一脚浅一脚。",
                    result: "换了两块电池、一块板子，三盏都亮了。"))
        ),
        DemoCase(
            .resident(.villageYoung), .daysAgo(12, 15, 0), .complaint, "E0105", at: .village, .street,
            "村南河沟里漂着塑料袋和死鱼，天热发臭，上游好像有人往里倒东西。"
        ).near("石桥下游").then(
            .hours(3, .accept(.villageGridWorker)),
            .days(1, .tell(.villageGridWorker, "村里先捞了一遍，水样送镇里化验了。"))
        ),
        DemoCase(
            .family(.villageWoman, of: "柳德山"), .minutesAgo(130), .consultation, "R2101", at: .group(1), .home,
            "我大伯地里摔了腿，今年没了收入，想问低保怎么申请，村里先评还是镇里先评？"
        ),
        DemoCase(
            .resident(.villageTeacher), .daysAgo(7, 7, 15), .suggestion, "R2801", at: .villageSquare, .street,
            "早上七点那趟公交取消以后，孩子上学要么早一个小时，要么迟到，建议恢复，哪怕换小车也行。"
        ).then(.days(1, .dispatch(.townDispatcher, to: .villageDistrictCentre, "线路调整归区交通部门，附了22户签名。"))),
        DemoCase(
            .resident(.villageCook), .daysAgo(18, 9, 0), .complaint, "R1401", at: .village, .estate,
            "村口大垃圾箱三天没拉了，苍蝇乱飞，旁边就是卖早点的。"
        ).photographed(.bins).then(
            .hours(2, .accept(.villageHead)),
            .hours(8, .show(.villageHead, "拉走了，箱子冲洗消毒，以后隔天一趟，司机电话贴在箱子上。")),
            .hours(14, .confirm(4, ""))
        ),
        DemoCase(
            .resident(.villageGrower), .daysAgo(3, 18, 0), .assistance, "R1205", at: .group(2), .street,
            "二组来了四五条野狗，追着骑车的人叫，还咬死了邻居家两只鸡。"
        ).then(
            .hours(14, .dispatch(.townDispatcher, to: .villageCommittee, "请村里先劝大家看好家禽，镇里联系收容。")),
            .hours(1, .accept(.villageHead)),
            .ago(900, .finish(.villageHead, "收容队抓走四条，还有一条跑到河对岸，看到请打村委会电话，抓走前放学有人护送。"))
        ),
    ]
}
