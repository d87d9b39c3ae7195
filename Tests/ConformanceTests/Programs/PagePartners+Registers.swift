/// The registers, the grid's work, and administration.
extension PagePartners {
    static let people = """
        GET /registers: countEntries findPlaces
        GET /registers/list: listEntries
        GET /registers/:kind/new: createEntry
        POST /registers/:kind/new: createEntry
        GET /registers/:kind/:id: getEntry getEntryAround listEntryHomes
        GET /registers/:kind/:id/change: changeEntry
        POST /registers/:kind/:id/change: changeEntry
        POST /registers/:kind/:id/:step: endEntry reopenEntry moveEntry mergeEntries splitEntry tieEntries untieEntries \
        removeEntryPhoto addEntryHome correctEntryHome endEntryHome
        POST /registers/:kind/:id/photos: addEntryPhotos
        GET /registers/:kind/:id/photos/:file: getEntryPhoto
        POST /registers/:kind/:id/reveal: readFields
        GET /registers/places/:place: readPlace
        GET /registers/places/:place/area.geojson: readPlace
        POST /registers/places/:place/photos: addPhotosOfPlace
        GET /registers/places/:place/photos/:file: readPlacePhoto
        POST /registers/places/:place/remove-photo: removePhotoOfPlace
        GET /desk/find: findEverything searchCases
        GET /desk/find/ahead: findEverything
        POST /desk/find: findByNumber
        GET /desk/sheets: listRegisterImports
        POST /desk/sheets: bringRegisterSheet
        GET /desk/sheets/:draft: tryRegisterSheet
        GET /desk/sheets/:draft/wrong: tryRegisterSheet
        POST /desk/sheets/:draft: importRegisterSheet
        GET /desk/sheets/imports/:id: getRegisterImport
        POST /desk/sheets/imports/:id/undo: undoRegisterImport
        GET /desk/sheets/export: exportRegisterAsCSV exportRegisterAsXLSX exportRegisterAsGEOJSON
        POST /desk/sheets/export: exportRegisterAsCSV exportRegisterAsXLSX exportRegisterAsGEOJSON
        GET /desk/care: listCarePeople
        POST /desk/care: readCarePeople
        GET /desk/care/labels: listCareLabels
        GET /desk/deliveries: listDeliveries
        POST /desk/deliveries/:offer/:step: takeDelivery proveDelivery refuseDelivery readDelivery
        GET /desk/reports: getWorkReport getWorkReportAsCSV getWorkReportAsXLSX
        POST /desk/reports: exportWorkAsCSV exportWorkAsXLSX
        GET /desk/care/services: getCareCoverage listCareServices
        GET /desk/care/services/:service: listUnreached
        POST /desk/care/services/:service: readUnreached
        GET /desk/care/people/:id: getCare
        POST /desk/care/people/:id: readCare
        POST /desk/care/people/:id/:step: giveLabel takeLabelBack offerService
        POST /desk/care/offers/:offer/:step: answerOffer deliverService endCare
        GET /desk/care/offers/:offer/photos/:file: getDeliveryPhoto
        GET /desk/forms: listForms
        POST /desk/forms: registerForm registerFormSheet
        GET /desk/forms/new: registerForm registerFormSheet
        GET /desk/forms/demands: listFormDemands
        GET /desk/forms/:id: getForm
        POST /desk/forms/:id/:step: matchForm describeForm renewForm openFormRound retireForm
        GET /desk/forms/rounds/:round: getFormRound listOpenCells
        POST /desk/forms/rounds/:round/answers: answerCells
        POST /desk/forms/rounds/:round/paste: answerCells
        POST /desk/forms/rounds/:round/done: endFormRound
        POST /desk/forms/rounds/:round/file: getFormFile
        """

    static let grid = """
        GET /grid: listCases listVisits
        GET /grid/list: listCases
        GET /grid/report: createCase listCaseTypes listCategories
        POST /grid/report: createCase joinCase
        GET /grid/roster: getOwnRoster
        GET /grid/people/:id: getGridPerson
        POST /grid/people/:id/phone: readGridPersonPhone
        GET /grid/visits: listVisits listVisitDebts listEndingConsents
        GET /grid/visits/new: announceVisit
        POST /grid/visits/new: announceVisit
        GET /grid/visits/:id: getVisit
        GET /grid/visits/:id/slip: getVisit
        GET /grid/visits/:id/photos/:file: getVisitPhoto
        GET /grid/visits/:id/signature: getVisitSignature
        POST /grid/visits/:id/follow-up: followVisit
        POST /grid/visits/:id/unchanged: endVisit
        POST /grid/visits/:id/done: endVisit
        POST /grid/visits/:id/miss: missVisit
        POST /grid/visits/:id/move: moveVisit
        POST /grid/visits/:id/withdraw: withdrawVisit
        GET /desk/visits: listVisitPlans listVisitDebts listEndingConsents
        GET /desk/visits/ledger: listVisitLedger
        POST /desk/visits/ledger: exportVisitsAsCSV exportVisitsAsXLSX
        POST /desk/visits/plans: createVisitPlan
        POST /desk/visits/plans/:id/end: endVisitPlan
        GET /grid/patrols: listPatrols listPatrolRoutes
        POST /grid/patrols: beginPatrol
        GET /grid/patrols/:id: getPatrol
        GET /grid/patrols/at/:code: signPatrolPoint
        GET /grid/patrols/:id/points/:point: getPatrol
        POST /grid/patrols/:id/points/:point/normal: signPatrolPoint
        POST /grid/patrols/:id/points/:point/finding: reportPatrolFinding
        POST /grid/patrols/:id/track: trackPatrol
        POST /grid/patrols/:id/finish: endPatrol
        GET /desk/patrols: listPatrolRoutes listPatrolFindings
        POST /desk/patrols: createPatrolRoute
        GET /desk/patrols/:id/edit: getPatrolRoute
        POST /desk/patrols/:id/edit: changePatrolRoute
        GET /desk/patrols/:id/codes: getPatrolCodes
        POST /desk/patrols/:id/end: endPatrolRoute
        POST /desk/patrols/tracks/:patrol: readPatrolTrack
        """

    static let administration = """
        GET /admin/accounts: listAccounts
        GET /admin/accounts/new: createAccount
        POST /admin/accounts/new: createAccount
        GET /admin/accounts/:id: getAccount listAccountTokens
        POST /admin/accounts/:id/close: closeAccount
        POST /admin/accounts/:id/grants: grantDuty
        POST /admin/accounts/:id/grants/:grant/end: endDuty
        POST /admin/accounts/:id/second-factor/reset: resetSecondFactor
        POST /admin/accounts/:id/setup: makeSetupLink
        POST /admin/accounts/:id/tokens/:token/end: endAccountToken
        POST /admin/accounts/:id/unlock: unlockAccount
        GET /admin/audit: listAuditLines
        GET /admin/operations: getOperations
        GET /admin/case-types: listCaseTypeVersions
        POST /admin/case-types: saveCaseTypeDraft
        GET /admin/case-types/:type: getCaseType
        POST /admin/case-types/:type: saveCaseTypeDraft tryCaseType discardCaseTypeDraft publishCaseType
        GET /admin/case-types/:type/:version: getCaseTypeText
        GET /admin/dispatch: listDispatchRules
        POST /admin/dispatch: addDispatchRule changeDispatchRule tryDispatchRule
        POST /admin/dispatch/:id/remove: removeDispatchRule
        GET /admin/duties: getDuties
        POST /admin/duties: tryDuties publishDuties
        GET /admin/divisions: getDivision listDivisions
        POST /admin/divisions/:code/add: addDivision
        POST /admin/divisions/:code/end: endDivision
        POST /admin/divisions/:code/rename: renameDivision
        GET /admin/grids: listGridAreas
        POST /admin/grids: putBorders
        POST /admin/grids/look: tryBorders
        POST /admin/grids/:code/remove: removeBorder
        GET /admin/grid-plans: listGridPlans
        POST /admin/grid-plans: beginGridPlan
        GET /admin/grid-plans/:id: getGridPlan
        GET /admin/grid-plans/:id/grids.geojson: getGridPlanAreas
        POST /admin/grid-plans/:id/edit: changeGridPlan
        POST /admin/grid-plans/:id/save: putGridPlan tryGridPlan
        POST /admin/grid-plans/:id/publish: publishGridPlan
        POST /admin/grid-plans/:id/withdraw: withdrawGridPlan
        POST /admin/grid-plans/:id/drop: dropGridPlan
        GET /admin/grid-roles/:code: listGridPeople
        POST /admin/grid-roles/:code/add: addGridPerson
        POST /admin/grid-roles/:code/end: endGridPerson
        GET /admin/holidays: getHolidays
        POST /admin/holidays: putHolidays tryHolidays
        POST /admin/holidays/:year/reset: resetHolidays
        GET /admin/warnings: getWarningRules
        GET /admin/warnings/:version: getWarningRulesText
        POST /admin/warnings: saveWarningRulesDraft discardWarningRulesDraft tryWarningRules publishWarningRules
        GET /admin/labels: getLabelBook
        POST /admin/labels: publishLabelBook tryLabelBook
        GET /admin/places: listPlaces
        POST /admin/places/new: addPlace
        GET /admin/places/:id: getPlace
        GET /admin/places/:id/area.geojson: getPlace listPlaceAreas
        GET /admin/places/:id/photos/:file: getPlacePhoto
        POST /admin/places/:id/change: changePlace
        POST /admin/places/:id/inside: addPlacesInside
        POST /admin/places/:id/end: endPlace
        POST /admin/places/:id/reopen: reopenPlace
        POST /admin/places/:id/merge: mergePlace
        POST /admin/places/:id/split: splitPlace
        POST /admin/places/:id/photos: photosPlace
        POST /admin/places/:id/remove-photo: removePlacePhoto
        POST /admin/places/:id/remove: removePlace
        GET /admin/places/areas: importPlaceShapes
        POST /admin/places/areas: tryPlaceShapes importPlaceShapes
        GET /admin/places/areas.geojson: listPlaceAreas
        GET /admin/places/import: importPlaces
        POST /admin/places/import: tryPlacesImport importPlaces
        POST /admin/places/import/back: takePlacesBack
        GET /admin/rosters: listRosters
        GET /admin/rosters/:unit: getRoster
        POST /admin/rosters/:unit/shifts: addShifts
        POST /admin/rosters/:unit/shifts/:shift/remove: removeShift
        GET /admin/units: listRegisteredUnits
        GET /admin/units/new: addUnit
        POST /admin/units/new: addUnit
        GET /admin/units/:id: getUnit
        POST /admin/units/:id/change: changeUnit
        POST /admin/units/:id/close: closeUnit
        POST /admin/units/:id/services: addService
        POST /admin/units/:id/services/:division/end: endService
        """
}
