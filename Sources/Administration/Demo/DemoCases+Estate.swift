import LinliKernel
import LinliStandards

extension DemoCase {
    /// Shared parts and grounds of 幸福里小区, which 安居物业 looks after.
    static let inEstate: [DemoCase] = repairs + safety + manners

    private static let repairs: [DemoCase] = [
        DemoCase(
            .resident(.elderAlone), .daysAgo(9, 19, 20), .assistance, "R0104", at: .entrance(3, 2), .shared,
            "三层到四层的楼道灯不亮了。我晚上下楼倒垃圾得摸着黑走，年纪大了怕踩空，麻烦来看看。"
        ).near("三层到四层之间").photographed(.stairLight).then(
            .minutes(40, .accept(.propertyHandler)),
            .hours(14, .show(.propertyHandler, "换了声控灯和灯座，三层四层都试过，拍手就亮。")),
            .hours(6, .confirm(5, "来得快，师傅还把四层松了的扶手紧了紧，谢谢。"))
        ),
        DemoCase(
            .resident(.programmer), .daysAgo(5, 8, 10), .assistance, "R0202", at: .entrance(6, 2), .shared,
            "电梯关门老是弹开，要关四五次才能走。早高峰大家都堵在一层，有一次还夹了我的包。"
        ).then(
            .minutes(35, .accept(.propertyHandler)),
            .hours(3, .tell(.propertyHandler, "维保单位看过了，是门机皮带老化，配件已订，到货当天就换。")),
            .days(1, .note(.propertyManager, "@王师傅 维保合同里含皮带，不用动公共维修资金。"))
        ),
        DemoCase(
            .resident(.topFloor), .daysAgo(16, 21, 5), .assistance, "R0101", at: .entrance(7, 1), .shared,
            "顶层卧室天花板漏雨，一下雨就往下滴，墙皮已经掉了一块。请派人上屋面看看防水。"
        ).near("6层601室卧室").photographed(.ceiling).then(
            .hours(11, .accept(.propertyHandler)),
            .days(3, .show(.propertyHandler, "屋面女儿墙根部重做了防水卷材，室内已铲掉起皮的腻子。")),
            .days(2, .contest("昨晚下雨又滴了，位置往窗户那边挪了半米，没有修到根上。")),
            .hours(2, .dispatch(.dispatcher, to: .property, "请带防水单位一起上屋面查找渗漏点，修好前先给住户接水。")),
            .hours(1, .accept(.propertyManager)),
            .hours(5, .tell(.propertyManager, "约好本周天晴后做闭水试验，住户在家，结果当天写在这里。"))
        ),
        DemoCase(
            .resident(.widower), .daysAgo(45, 10, 30), .assistance, "R0101", at: .entrance(7, 3), .shared,
            "卫生间外墙渗水，屋里一面墙都湿了，柜子后面长了毛。"
        ).photographed(.ceiling).then(
            .hours(2, .accept(.propertyHandler)),
            .days(4, .finish(.propertyHandler, "外墙裂缝打了密封胶。")),
            .days(3, .contest("胶打了，雨后还是湿，麻烦再来看一次。")),
            .hours(4, .dispatch(.lateDispatcher, to: .property, "第二次了，请做淋水试验。")),
            .hours(20, .accept(.propertyManager)),
            .days(5, .show(.propertyManager, "做了淋水试验，渗点在窗台下沿，凿开重做防水，两天后复查是干的。")),
            .days(1, .confirmBeforeCheck(4, "这次好了，就是来回折腾了半个月。")),
            .hours(20, .pass(.dispatcher, "电话回访，墙面已干。"))
        ),
        DemoCase(
            .resident(.newcomer), .daysAgo(1, 20, 40), .assistance, "R0105", at: .entrance(3, 1), .shared,
            "单元门禁刷卡没反应，按对讲也没声音，这两天门一直用砖头顶着。我刚搬来，有事打 19900000119。"
        ).then(
            .hours(1, .note(.gridWorker1, "@赵婷 已去看过，门是好的，坏的是读卡器。")),
            .ago(35, .refuse(.propertyHandler, "notOurs", "门禁是业委会用公共收益装的，还在厂家质保期，合同在业委会。"))
        ),
        DemoCase(
            .resident(.wheelchairUser), .daysAgo(28, 15, 15), .suggestion, "R0106", at: .entrance(1, 2), .shared,
            "单元门口的坡道太陡，轮椅自己上不去，雨天还打滑。能不能改缓一点，加一道扶手？要量尺寸的话提前一天打 19900000113。"
        ).then(
            .hours(18, .accept(.propertyManager)),
            .days(2, .tell(.propertyManager, "和您当面量过了，坡度从一比六改成一比十二，绕开花池。")),
            .days(6, .finish(.propertyManager, "坡道改好，贴了防滑条，两侧装了扶手，业委会一起验收。")),
            .hours(5, .confirm(5, "自己能上去了，谢谢大家。"))
        ),
        DemoCase(
            .resident(.courier), .daysAgo(33, 12, 0), .suggestion, "R0903", at: .estate, .estate,
            "院里电动车充电口太少，晚上九点以后就没位置了，大家只好往楼里拉线。建议车棚再加十来个口。"
        ).willing().then(
            .hours(4, .accept(.propertyManager)),
            .hours(2, .publish(.head, "院里电动车充电口太少", at: "", nil, result: "")),
            .days(7, .finish(.propertyManager, "南门车棚加了12个充电口，扫码就能用，价格不变。")),
            .days(1, .confirm(3, "加了是好事，插座离得太近，两辆车的把手会打架。")),
            .hours(3, .publish(.head, "院里电动车充电口太少", at: "", nil, result: "南门车棚加了12个充电口，扫码就能用，价格不变。"))
        ),
    ]

    private static let safety: [DemoCase] = [
        DemoCase(
            .resident(.grandmother), .daysAgo(20, 16, 5), .assistance, "R0201", at: .entrance(4, 1), .shared,
            "我和孙子困在电梯里了，停在三层半，按铃没人答应，孩子吓得直哭。"
        ).urgent().then(
            .minutes(2, .accept(.propertyHandler)),
            .minutes(4, .tell(.propertyHandler, "人已经到三层，正在和您隔着门说话，维保十五分钟内到，请不要扒门。")),
            .minutes(24, .finish(.propertyHandler, "16时35分两人安全出来，没有受伤。电梯停用，维保查明是平层感应器故障，已更换并试运行两小时。")),
            .hours(4, .confirmBeforeCheck(5, "师傅一直在门外陪着说话，孩子就不怕了。")),
            .hours(15, .pass(.dispatcher, "已核对维保记录。"))
        ),
        DemoCase(
            .resident(.retiredTeacher), .daysAgo(12, 6, 50), .assistance, "R1502", at: .estate, .estate,
            "昨晚刮大风，1号楼南边的老槐树断了一根大枝，横在路上，还有一半挂着没掉下来，底下就是孩子上学的路。"
        ).near("1号楼南侧").photographed(.branch).urgent().then(
            .minutes(12, .accept(.propertyHandler)),
            .minutes(20, .tell(.propertyHandler, "已拉警戒线，7点20分起北门绕行。")),
            .hours(3, .show(.propertyHandler, "断枝清走，挂着的半截锯掉了，旁边两棵也查过。")),
            .hours(2, .confirm(5, "孩子放学前就清干净了。"))
        ),
        DemoCase(
            .resident(.accountant), .minutesAgo(95), .tipOff, "R0904", at: .entrance(7, 2), .shared,
            "7号楼2单元一层楼梯口停了六七辆电动车，推婴儿车都过不去。真要着了火，楼上的人往哪儿跑？"
        ).near("一层楼梯口").photographed(.stairBikes),
        DemoCase(
            .resident(.nurse), .daysAgo(25, 22, 10), .assistance, "R0803", at: .building(2), .estate,
            "一辆面包车横在2号楼前面的消防通道上，车里没人，救护车都进不来。"
        ).urgent().then(
            .minutes(6, .accept(.propertyHandler)),
            .minutes(22, .finish(.propertyHandler, "按挪车电话联系上车主，22时40分开走了，地面补画了禁停线。")),
            .hours(10, .confirm(5, ""))
        ),
        DemoCase(
            .resident(.grandmother), .daysAgo(2, 18, 30), .tipOff, "R0902", at: .building(4), .shared,
            "五层有人从窗户往下拉电线给电动车充电，一充就是一宿，线都磨破皮了。"
        ).urgent().then(
            .minutes(10, .accept(.propertyHandler)),
            .hours(1, .finish(.propertyHandler, "线已收走，和住户一起去看了车棚的充电口，签了安全承诺。")),
            .ago(300, .confirmBeforeCheck(4, "今天看是没有线了。"))
        ),
    ]

    private static let manners: [DemoCase] = [
        DemoCase(
            .resident(.youngMother), .daysAgo(3, 7, 40), .complaint, "R1401", at: .estate, .estate,
            "6号楼东边的垃圾桶满了两天没人清，袋子堆到地上，野猫扒得到处都是，送孩子上学都得绕着走。"
        ).near("6号楼东侧").photographed(.bins).then(
            .hours(1, .accept(.propertyHandler)),
            .hours(26, .show(.propertyHandler, "已清运并冲洗地面。清运车改为早晚各一趟，周末不停。"))
        ),
        DemoCase(
            .resident(.driver), .daysAgo(15, 19, 0), .complaint, "R0802", at: .estate, .estate,
            "我租的车位被人装了地锁，打物业电话说管不了，我的车天天停到马路上，还被贴了条。"
        ).near("4号楼西侧第11号车位").then(
            .hours(15, .accept(.propertyManager)),
            .days(2, .tell(.propertyManager, "已通知装锁的住户自行拆除，他说没收到过通知，正在沟通。"))
        ),
        DemoCase(
            .resident(.accountant), .daysAgo(4, 21, 30), .complaint, "R1701", at: .entrance(7, 2), .shared,
            "安居物业收费一天不晚，楼道两个月没拖过。我打了三次电话，前台说保洁请假，让我自己先扫扫。"
        ).about(.property).then(
            .hours(12, .accept(.worker)),
            .hours(6, .note(.head, "这个月第三件说楼道保洁的，约物业经理周五来社区，把保洁班表贴到每个单元。")),
            .days(1, .tell(.worker, "周五上午和物业当面谈，您愿意的话可以一起来，不来也会把结果告诉您。"))
        ),
        DemoCase(
            .nobody, .daysAgo(38, 9, 45), .complaint, "R1705", at: .estate, .estate,
            "电梯里的广告、道闸的广告都是钱，五年没有公示过一次账。问物业，说归公司管。"
        ).about(.property).then(
            .hours(3, .dispatch(.dispatcher, to: .owners, "公共收益属于全体业主，请业委会调账公示。")),
            .days(1, .accept(.ownersChair)),
            .days(12, .finish(.ownersChair, "近三年收支已贴在各单元门口，合计结余86,300元，存在业主共有账户，明细可到居委会查。")),
            .days(4, .lapse)
        ),
        DemoCase(
            .resident(.dogOwner), .daysAgo(6, 23, 10), .assistance, "R1706", at: .estate, .estate,
            "南门道闸坏了抬不起来，一排车都堵在外面。"
        ).then(.minutes(50, .withdraw("保安手动抬起来了，不用来了。"))),
        DemoCase(
            .resident(.singer), .daysAgo(22, 11, 20), .complaint, "R1301", at: .entrance(4, 3), .shared,
            "四层拐角堆着旧沙发和纸箱子，说了几回没人动，下楼只能侧着身子过。"
        ).then(
            .hours(5, .accept(.propertyHandler)),
            .days(2, .finish(.propertyHandler, "沙发是搬走的租户留下的，房东同意后当大件垃圾清走，纸箱住户自己收了。")),
            .days(4, .lapse)
        ),
    ]
}
