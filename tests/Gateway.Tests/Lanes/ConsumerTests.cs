using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Threading;

using Gateway.Faults;
using Gateway.Lanes;

using Xunit;

namespace Gateway.Tests.Lanes;

public sealed class ConsumerTests : IDisposable
{
    private const int Items = 500;
    private const int Forever = 60_000;

    private readonly StringWriter _lines = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _lines.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public void Every_item_is_handled_once_in_order_and_released()
    {
        using Collector collector = Run(FaultKind.None);

        Assert.Equal(Enumerable.Range(1, Items), collector.Seen);
        Assert.Equal((Items, 0, Items), (collector.Handled, collector.Missed, collector.Released));
        Assert.Equal("", _lines.ToString());
    }

    [Fact]
    public void A_successor_takes_over_the_item_that_its_predecessor_died_of()
    {
        using Collector collector = Run(FaultKind.Killed);

        Assert.Equal(Enumerable.Range(1, Items), collector.Seen);
        Assert.Equal((Items, 0, Items), (collector.Handled, collector.Missed, collector.Released));
        Assert.Equal(2, collector.Threads.Distinct().Count());
        Assert.Contains("recording died: killed at message 200", _lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_dies_of_one_item_three_times_is_given_up_and_all_that_it_had_is_released()
    {
        using Collector collector = Run(FaultKind.Dead);

        Assert.Equal(Enumerable.Range(1, 199), collector.Seen);
        Assert.Equal(Items, collector.Released + collector.Refused);
        Assert.Equal((199, LaneState.Closed), (collector.Handled, collector.Lane.State));
        Assert.Equal(3, _lines.ToString().Split("recording died: killed at message 200").Length - 1);
    }

    [Fact]
    public void A_consumer_that_is_stuck_is_given_up_when_its_lane_stays_full()
    {
        using Collector collector = Run(FaultKind.Stuck, patience: 200);

        Assert.True(collector.Refused > 0);
        Assert.Equal(Items, collector.Released + collector.Refused);
        Assert.Contains("recording is given up", _lines.ToString(), StringComparison.Ordinal);
    }

    private Collector Run(FaultKind fault, int patience = Forever)
    {
        Collector collector = new(patience, new FaultPlan(fault, 200, ConsumerName.Recording), new IncidentLog(_lines), _stop.Token);
        collector.Start();
        for (int i = 1; i <= Items; i++)
        {
            collector.Refused += collector.Lane.Send(i) ? 0 : 1;
        }

        collector.Lane.Complete();
        if (fault is FaultKind.Dead or FaultKind.Stuck)
        {
            _stop.Cancel();
        }

        collector.Join();
        return collector;
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "A consumer ends its lane.")]
    private sealed class Collector(int patience, FaultPlan fault, IncidentLog log, CancellationToken stop)
        : Consumer<int>(ConsumerName.Recording, new Lane<int>(16, patience, () => { }), fault, log, stop)
    {
        public List<int> Seen { get; } = [];

        public List<int> Threads { get; } = [];

        public int Released { get; private set; }

        public int Refused { get; set; }

        protected override long SequenceOf(in int item) => item;

        protected override void Handle(in int item)
        {
            Seen.Add(item);
            Threads.Add(Environment.CurrentManagedThreadId);
        }

        protected override void Release(in int item) => Released++;
    }
}
