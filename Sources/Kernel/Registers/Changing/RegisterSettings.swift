import LinliCore

/// What a deployment has decided about its registers.
package struct RegisterSettings: Sendable {
    /// Whether fields of special groups exist here at all.
    package var hasSpecialGroups: Bool
    /// How many working days there are to answer a request about one's own data.
    /// - Source: configured, no source (PIPL Art. 50 only says "in time")
    package var rightsDays: Int
    /// How many working days before that whoever answers is reminded.
    /// - Source: configured, no source
    package var remindDays: Int
    /// How many working days after it the level above hears of it, when there is no answer still.
    /// - Source: configured, no source
    package var raiseDays: Int
    /// After how many days entries that ended are erased; 0 keeps them.
    /// - Source: configured, no source
    package var keptDays: Int
    /// After how many days organizations that ended are erased; 0 keeps them.
    /// - Source: configured, no source
    package var keptOrganizationDays: Int
    /// After how many days households and dwellings that ended are erased; 0 keeps them.
    /// - Source: configured, no source
    package var keptHomeDays: Int
    /// How many days a unit that brought a service that is given once sees whom it was for, for complaints and rework; 0
    /// closes it when it was brought.
    /// - Source: configured, no source
    package var providerDays: Int
    /// Groups of fewer people are not told apart to who may not read them by name.
    /// - Source: configured, no source
    package var smallestGroup: Int
    /// Which components are devices.
    package var devices = DeviceKinds.usual

    /// The settings; see the properties.
    package init(
        hasSpecialGroups: Bool = false, rightsDays: Int = 15, remindDays: Int = 3, raiseDays: Int = 3,
        keptDays: Int = 1095, keptOrganizationDays: Int = 1095, keptHomeDays: Int = 1095, providerDays: Int = 30,
        smallestGroup: Int = 5
    ) {
        self.hasSpecialGroups = hasSpecialGroups
        self.rightsDays = rightsDays
        self.remindDays = remindDays
        self.raiseDays = raiseDays
        self.keptDays = keptDays
        self.keptOrganizationDays = keptOrganizationDays
        self.keptHomeDays = keptHomeDays
        self.providerDays = providerDays
        self.smallestGroup = smallestGroup
    }

    /// The fields of a kind that exist here, and that somebody may see or change in a division.
    package func fields(of kind: RegisterKind, for actor: Actor, in division: DivisionCode) -> [RegisterField] {
        RegisterField.of(kind).filter { field in
            field.fieldClass != .special || hasSpecialGroups && actor.may(.peopleSpecial, in: division)
        }
    }
}
