// Holds threads up in the windows of the allocator's hand-overs, by chance: mostly not at all, often for about as long as another thread needs to come by, now and then until others have had the processor.
//
// What chance decides at one window is independent of the others, so that a thread held up in one meets others that are not. Which thread draws what follows from the seed and from the order in which threads come.
//
// NATIVEHEAP_DELAYS=1 has the windows opened, in any run of these tests, and this armed for all of it; NATIVEHEAP_DELAY_SEED says where chance begins.

using System;
using System.Globalization;
using System.Linq;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Tests.Torture;

/// <summary>Random delays.</summary>
public sealed class RandomDelays
{
    internal const string Variable = "NATIVEHEAP_DELAYS";
    internal const string Seed = "NATIVEHEAP_DELAY_SEED";

    /// <summary>The points that only pools of buffers have.</summary>
    internal const string OfBuffers = $"{nameof(DelayPoint.BuffersClaimed)}, {nameof(DelayPoint.TopContested)}";

    private static readonly Delays? s_delays = Arm();

    /// <summary>For the assembly: armed before its first test.</summary>
    public RandomDelays() => _ = s_delays;

    /// <summary>How many windows threads have been held up in, and the points that nobody has passed.</summary>
    public static (long Delays, string NeverPassed) Count() => s_delays == null ? (0, "") : s_delays.Count();

    private static Delays? Arm()
    {
        if (!DelayInjection.IsOn)
        {
            return null;
        }

        string? seed = Environment.GetEnvironmentVariable(Seed);
        Delays delays = new(seed == null ? 1 : uint.Parse(seed, CultureInfo.InvariantCulture));
        DelayInjection.Armed = delays;
        return delays;
    }

    private sealed class Delays(uint seed) : DelayInjection
    {
        private readonly long[] _passed = new long[Enum.GetValues<DelayPoint>().Length];

        [ThreadStatic]
        private static uint t_state;
        private uint _threads = seed;
        private long _delays;

        public (long Delays, string NeverPassed) Count() =>
            (_delays, string.Join(", ", Enum.GetValues<DelayPoint>().Where(point => _passed[(int)point] == 0)));

        // Without managed memory, and for any thread.
        protected override void Delay(DelayPoint point)
        {
            _ = Interlocked.Increment(ref _passed[(int)point]);
            uint chance = Next() >> 22;
            if (chance >= 512)
            {
                return;
            }

            _ = Interlocked.Increment(ref _delays);
            switch (chance)
            {
                case < 2:
                    Thread.Sleep(1);
                    break;
                case < 128:
                    _ = Thread.Yield();
                    break;
                default:
                    Thread.SpinWait((int)(Next() >> 24));
                    break;
            }
        }

        // xorshift, begun for each thread.
        private uint Next()
        {
            uint state = t_state != 0 ? t_state : (Interlocked.Increment(ref _threads) * 2_654_435_761) | 1;
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            t_state = state;
            return state;
        }
    }
}
