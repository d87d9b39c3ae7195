import LinliCore
import LinliKernel

extension Feature {
    /// The registers for programs of staff 台账接口: `/api/v1/registers`, `/api/v1/register-counts`, `/api/v1/places`.
    package static let registersAPI = Feature(
        id: "registersAPI", name: Text("台账接口", "Registers API"),
        routes: RegistersAPI.all + RegisterCountsAPI.all + RegisterPlacesAPI.all)
}
