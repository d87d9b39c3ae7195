import LinliCore
import LinliStandards

/// What names of accounts, divisions, units and places may be.
enum NameRules {
    /// What is wrong with a name; nil when nothing is. Names are public, so no personal number may stand in one.
    static func problem(_ name: String, limit: Int) -> Text? {
        if name.isEmpty || name.count > limit {
            return Text("请填名称，最多 \(limit) 个字", "Please enter a name of at most \(limit) characters")
        }
        if !PersonalNumbers.find(in: name).isEmpty {
            return Text("名称里不要写手机号或证件号", "No phone or citizen number in a name, please")
        }
        return nil
    }
}
