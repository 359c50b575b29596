using System.Diagnostics;

using Swarm.Running;

using Xunit;

namespace Swarm.Tests.Running;

public class FrameTimesTests
{
    [Theory]
    [InlineData(0.5, 500)]
    [InlineData(0.99, 990)]
    [InlineData(0.999, 999)]
    [InlineData(0.9991, 1000)]
    [InlineData(1, 1000)]
    [InlineData(0, 1)]
    public void A_percentile_is_the_least_time_that_so_many_frames_do_not_exceed(double part, int milliseconds)
    {
        FrameTimes times = new(1000);
        for (int i = 0; i < 1000; i++)
        {
            times.Record((long)((((i * 617) % 1000) + 1) * (Stopwatch.Frequency / 1000.0)));
        }

        Assert.Equal(milliseconds, times.Percentile(part), 1e-6);
        Assert.Equal(1000 - milliseconds, times.CountOver(milliseconds + 0.5));
    }

    [Fact]
    public void Without_a_frame_there_is_no_time() => Assert.Equal((0.0, 0), (new FrameTimes(4).Percentile(0.5), new FrameTimes(4).CountOver(0)));
}
