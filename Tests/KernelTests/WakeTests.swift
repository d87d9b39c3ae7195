import LinliKernel
import Synchronization
import Testing

@Suite struct WakeTests {
    @Test("等到超时以后还能再等，不会空转") func sleepsAgainAfterATimeout() async {
        let wake = Wake()
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<5 { await wake.wait(seconds: 0.02) }
        // Five waits without a signal cannot end before their times have passed.
        #expect(clock.now - start >= .milliseconds(100))
    }

    @Test("先有信号，下一次等待立刻结束，而且只结束一次") func remembersOneSignal() async {
        let wake = Wake()
        let clock = ContinuousClock()
        wake.signal()
        wake.signal()
        await wake.wait(seconds: 3600)
        let start = clock.now
        await wake.wait(seconds: 0.02)
        #expect(clock.now - start >= .milliseconds(20))
    }

    @Test("取消任务时等待结束") func endsWhenCancelled() async {
        let wake = Wake()
        let task = Task { await wake.wait(seconds: 3600) }
        task.cancel()
        await task.value
    }
}
