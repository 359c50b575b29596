using System.Threading.Tasks;

using Gateway.Lanes;

using Xunit;

namespace Gateway.Tests.Lanes;

public class LaneTests
{
    private const int Forever = 60_000;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(1_024)]
    public async Task Everything_arrives_in_order_through_a_lane_of_any_capacity(int capacity)
    {
        const int Items = 20_000;
        using Lane<int> lane = new(capacity, Forever, () => { });
        Task sender = Task.Run(
            () =>
            {
                for (int i = 0; i < Items; i++)
                {
                    Assert.True(lane.Send(i));
                }

                lane.Complete();
            },
            TestContext.Current.CancellationToken);

        int expected = 0;
        while (lane.State == LaneState.Open || lane.Count > 0)
        {
            System.Span<int> next = lane.Peek(Forever);
            if (!next.IsEmpty)
            {
                Assert.Equal(expected++, next[0]);
                lane.Consume();
            }
        }

        await sender;
        Assert.Equal(Items, expected);
    }

    [Fact]
    public void An_item_stays_until_it_is_taken_out()
    {
        using Lane<int> lane = new(4, Forever, () => { });
        lane.Send(7);

        Assert.Equal(7, lane.Peek()[0]);
        Assert.Equal(7, lane.Peek()[0]);
        lane.Consume();

        Assert.True(lane.Peek().IsEmpty);
    }

    [Fact]
    public void A_receiver_for_whom_there_is_no_patience_any_more_is_given_up()
    {
        int slow = 0;
        using Lane<int> lane = new(2, Lane<int>.SlowMilliseconds * 2, () => slow++);
        Assert.True(lane.Send(1));
        Assert.True(lane.Send(2));

        Assert.False(lane.Send(3));
        Assert.False(lane.Send(4));

        Assert.Equal((LaneState.Closed, 2, 1), (lane.State, lane.Count, slow));
    }

    [Fact]
    public async Task A_sleeping_receiver_wakes_up_when_the_lane_is_complete()
    {
        using Lane<int> lane = new(2, Forever, () => { });
        Task<bool> receiver = Task.Run(() => lane.Peek(Forever).IsEmpty, TestContext.Current.CancellationToken);
        await Task.Delay(20, TestContext.Current.CancellationToken);

        lane.Complete();

        Assert.True(await receiver);
        Assert.False(lane.Send(1));
    }

    [Fact]
    public void A_bell_that_is_rung_before_anybody_sleeps_is_not_lost()
    {
        using Doorbell bell = new();
        bell.Prepare();
        bell.Ring();

        Assert.True(bell.Wait(Forever));
        Assert.False(bell.IsAwaited);
    }

    [Fact]
    public void Nobody_is_woken_who_does_not_sleep()
    {
        using Doorbell bell = new();
        bell.Ring();

        Assert.False(bell.Wait(1));
    }
}
