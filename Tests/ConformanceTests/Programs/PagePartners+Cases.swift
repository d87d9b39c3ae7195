/// Residents, cases and the desk.
extension PagePartners {
    static let ownData = """
        GET /me/data: getOwnData
        GET /me/data/readings: listOwnReadings
        GET /me/data/export: getOwnCopy
        GET /me/data/export.json: getOwnCopy
        POST /me/data/link: linkOwnData
        POST /me/data/consents: setOwnConsent
        POST /me/data/requests: askAboutOwnData
        GET /registers/requests: listDataRequests
        POST /registers/requests/:request/decide: decideDataRequest
        POST /registers/requests/:request/words: readDataRequest
        """

    static let residents = """
        GET /: listPublicCases listCases
        GET /home/cases: listCases
        GET /mine: listCases
        GET /find: findByReceipt
        POST /find: findByReceipt
        GET /cases/:id: getCase
        GET /cases/:id/fragment: getCase
        POST /cases/:id/:step: takeTransition addNote answerLater setPublicity
        GET /r/:token: findByReceipt
        GET /r/:token/fragment: findByReceipt
        POST /r/:token/:step: takeTransitionByReceipt addNoteByReceipt answerLaterByReceipt setPublicityByReceipt setMessagesByReceipt
        GET /report: getReportOptions listCaseTypes createCase
        POST /report: createCase uploadFile
        GET /report/suggest: suggest
        GET /report/similar: listSimilar
        POST /join/:number: joinCase
        GET /cases/:id/photos/:file: getPhoto getPhotoByReceipt
        GET /join/:number: getPublicCase listSimilar
        GET /neighbourhood: listPublicCases
        GET /neighbourhood/:number: getPublicCase
        GET /neighbourhood/:number/photos/:file: getPublicPhoto
        GET /neighbourhood/feed.rss: listPublicCases
        GET /neighbourhood/map.geojson: listPublicCases
        GET /neighbourhood/following: listFollowing
        POST /neighbourhood/following: followPlace
        POST /neighbourhood/following/:id/end: unfollowPlace
        POST /neighbourhood/following/seen: seeFollowing
        GET /rates: getOpenRates
        GET /visit: findVisitByCode
        GET /visit/:code: findVisitByCode
        POST /visit/:code/move: moveVisitByCode
        POST /visit/:code/well: sayAllIsWellByCode
        GET /me: whoAmI listTokens getMessages
        POST /me/messages: setMessages
        POST /me/tokens/:id/end: revokeToken
        GET /me/services: listOwnServices
        POST /me/services: answerOwnService
        POST /me/services/profiling: setProfiling
        POST /me/data/profiling: setProfiling
        GET /sign-in: createToken
        POST /sign-in: createToken
        POST /sign-out: revokeToken
        POST /sign-out/everywhere: signOutEverywhere
        """

    static let cases = """
        GET /desk/cases/:id: getCase
        GET /desk/cases/:id/fragment: getCase
        GET /desk/cases/:id/pane: getCase
        POST /desk/cases/:id/:transition: takeTransition
        POST /desk/cases/:id/against: setAccusedUnit
        POST /desk/cases/:id/confirm-kind: confirmKind
        POST /desk/cases/:id/classify: classifyCase
        POST /desk/cases/:id/note: addNote
        POST /desk/cases/:id/reveal: revealReporter
        POST /desk/cases/:id/urgency: setUrgency
        GET /desk/cases/:id/place: correctPlace
        POST /desk/cases/:id/place: correctPlace
        POST /desk/cases/:id/assign: assignCase listColleagues
        POST /desk/cases/:id/merge: mergeCase
        POST /desk/cases/:id/split: splitCase
        POST /desk/cases/:id/contact: noteContact
        POST /desk/cases/:id/part: addPart
        POST /desk/cases/:id/ask-pause: askForCase
        POST /desk/cases/:id/ask-extend: askForCase
        POST /desk/cases/:id/ask-exclude: askForCase
        POST /desk/cases/:id/requests/:request: decideRequest
        POST /desk/cases/:id/resume: resumeClocks
        POST /desk/cases/:id/date: setPartDate
        POST /desk/cases/:id/supervise: superviseCase
        POST /desk/cases/:id/publication: publishCase withholdCase
        POST /desk/cases/:id/evidence.pdf: getCaseEvidenceAsPDF
        POST /desk/cases/:id/evidence.json: getCaseEvidenceAsJSON
        GET /desk/cases/:id/whistle: draftWhistle listUnits
        POST /desk/cases/:id/whistle: draftWhistle
        GET /desk/whistles: listWhistles
        GET /desk/whistles/units: whistleScores
        GET /desk/whistles/:id: getWhistle
        GET /desk/whistles/:id/fragment: getWhistle
        POST /desk/whistles/:id/confirm: confirmWhistle
        POST /desk/whistles/:id/withdraw: withdrawWhistle
        POST /desk/whistles/:id/answer: answerWhistle
        POST /desk/whistles/:id/sign-in: signInAtWhistle
        POST /desk/whistles/:id/sign-in-for: signInAtWhistle
        POST /desk/whistles/:id/minutes: keepWhistleMinutes
        POST /desk/whistles/:id/task: addWhistleTask
        POST /desk/whistles/:id/close: closeWhistle
        POST /desk/whistles/:id/score: scoreWhistle
        POST /desk/whistles/:id/contact: readWhistleContact
        """

    static let desk = """
        GET /desk: listCases countCases listViews
        GET /desk/list: listCases
        GET /desk/tabs: countCases
        GET /desk/search: searchCases
        GET /desk/new: createCase listCaseTypes listCategories
        POST /desk/new: createCase joinCase
        POST /desk/new/caller: findCaller
        GET /desk/caller: findCaller
        POST /desk/caller: findCaller
        GET /desk/paste: readChat
        POST /desk/paste: readChat
        POST /desk/paste/register: createCase getGroupReply
        GET /desk/alerts: listAlerts
        GET /desk/alerts/count: listAlerts
        GET /desk/alerts/list: listAlerts
        POST /desk/alerts/seen: seeAlerts
        GET /desk/supervised: listSupervised
        POST /desk/supervised/:id/answer: answerSupervision
        POST /desk/supervised/:id/lift: liftSupervision
        GET /desk/copies: listCopies
        GET /desk/handover: getHandover getAbsence
        POST /desk/handover/note: leaveHandoverNote
        POST /desk/handover/take: takeOver
        POST /desk/handover/away: goAway
        POST /desk/handover/back: comeBack
        GET /desk/templates: listTemplates
        POST /desk/templates: addTemplate
        POST /desk/templates/:id/remove: removeTemplate
        POST /desk/views: addView
        POST /desk/views/:id/remove: removeView
        GET /desk/bulk: workOnCases
        POST /desk/bulk: workOnCases
        GET /desk/export: exportCases exportCasesAsXLSX
        POST /desk/export: exportCases exportCasesAsXLSX
        GET /desk/follow-up: listFollowUps
        GET /desk/follow-up/:id: getCase noteFollowUp
        POST /desk/follow-up/:id: noteFollowUp
        GET /desk/publication: listClearing
        GET /desk/rates: getRates listRateMonths listRateParts getOrderResults whistleScores
        GET /desk/rates/heat: getRateHeat
        GET /desk/rates/cases: listRateCases
        GET /desk/orders: listOrders
        GET /desk/orders/table: listOrders
        GET /desk/orders/:id: getOrder getOrderReply
        GET /desk/orders/:id/sheet: getOrderSheet
        POST /desk/orders/:id/ask: askForOrder
        POST /desk/orders/:id/received: readOrder
        POST /desk/orders/:id/reply: noteOrderReply
        POST /desk/orders/:id/ruling: ruleOrder
        POST /desk/orders/:id/seen: seeOrderDifference
        GET /desk/orders/import/:kind: takeOrder importOrderResults
        POST /desk/orders/import/:kind: takeOrder importOrderResults
        GET /desk/orders/import/:kind/:draft: takeOrder importOrderResults
        POST /desk/orders/import/:kind/:draft: takeOrder importOrderResults
        GET /desk/orders/results: listOrderResultImports
        POST /desk/orders/results/back: takeBackOrderResults
        GET /desk/wall-codes: listWallCodes
        POST /desk/wall-codes: addWallCode
        GET /desk/wall-codes/:id/print: listWallCodes
        POST /desk/wall-codes/:id/revoke: revokeWallCode
        GET /desk/warnings: listWarnings
        GET /desk/warnings/rules: listWarningRules
        POST /desk/warnings/:id/acknowledge: acknowledgeWarning
        POST /desk/warnings/:id/case: turnWarningIntoCase
        POST /desk/warnings/:id/dismiss: dismissWarning
        POST /desk/warnings/:id/visit: visitForWarning
        GET /desk/map: getMapFigures listMapPoints listGridAreas listGridPeople
        GET /desk/map/figures: getMapFigures
        GET /desk/map/points: listMapPoints
        GET /desk/map/shapes: listGridAreas
        """
}
