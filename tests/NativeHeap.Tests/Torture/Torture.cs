// Torture: threads that come and go allocate and free at random, while the system refuses calls, limits come down and memory is given back. In rounds: at the end of each, all threads have
// ended, and every structure, every figure and every block is looked at.
//
// What chance decides follows from the seed; how threads meet does not.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Faults;
using NativeHeap.Tests.Platform;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Torture;

/// <summary>One run of torture, on the process's own structures.</summary>
internal sealed unsafe class Torture(int seed, TimeSpan duration) : IDisposable
{
    private const int ThreadsAtATime = 5;
    private const int HeapCount = 6;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    private readonly Random _random = new(seed);
    private readonly FaultySystem _system = new(keepsLedger: false);
    private readonly TortureBlock?[] _market = new TortureBlock?[256];
    private readonly ConcurrentBag<TortureBlock> _left = [];
    private readonly TortureHeap[] _heaps = [.. Enumerable.Range(0, HeapCount).Select(_ => new TortureHeap())];
    private volatile bool _isOver;

    private int _rounds;
    private int _threads;
    private long _calls;
    private long _refused;
    private long _faults;
    private long _managedBytes;
    private long _peakLiveBytes;

    /// <summary>Where chance begins.</summary>
    public int Seed => seed;

    /// <summary>Whether threads are to end.</summary>
    public bool IsOver => _isOver;

    // In every other round the system refuses for want of memory only, and not one managed byte may be allocated for it. Another reason costs a thread some the first time.
    private bool IsShort => _rounds % 2 == 0;

    /// <summary>One of the heaps that all use.</summary>
    public TortureHeap HeapAt(Random random) => _heaps[random.Next(HeapCount)];

    /// <summary>Puts a block into a place of the market, and takes out what was there.</summary>
    public TortureBlock? Trade(Random random, TortureBlock? block) => Interlocked.Exchange(ref _market[random.Next(_market.Length)], block);

    /// <summary>A block that an ended thread has left, or null.</summary>
    public TortureBlock? Inherit() => _left.TryTake(out TortureBlock? block) ? block : null;

    /// <summary>Leaves blocks to the other threads.</summary>
    public void Leave(IEnumerable<TortureBlock> blocks)
    {
        foreach (TortureBlock block in blocks)
        {
            _left.Add(block);
        }
    }

    /// <summary>Runs, and asserts that nothing is lost, neither meanwhile nor at the end.</summary>
    /// <returns>What was done, in a few words.</returns>
    public string Run()
    {
        FaultInjection.Armed = _system;
        try
        {
            // The first round compiles, and takes what the program keeps for ever.
            Round(s_round);
            FreeAll();
            long resident = Resident();
            _managedBytes = 0;
            long start = Stopwatch.GetTimestamp();
            for (TimeSpan left = duration; left > TimeSpan.Zero; left = duration - Stopwatch.GetElapsedTime(start))
            {
                Round(left < s_round ? left : s_round);
            }

            FreeAll();
            long growth = Resident() - resident;
            ProcessStatistics end = Heap.GetProcessStatistics();
            (long delays, string neverPassed) = RandomDelays.Count();
            string report = string.Create(
                CultureInfo.InvariantCulture,
                $"Torture, seed {seed}: {duration.TotalSeconds:N0} s, {_rounds:N0} rounds, {_threads:N0} threads, {_calls:N0} calls, {_refused:N0} refused, {_faults:N0} faults of the system, {delays:N0} delays, {_peakLiveBytes:N0} bytes live at most; at the end {end.LiveBytes} live, {end.ThreadCachedBytes} cached by threads, {end.CentralCachedBytes:N0} in spans, {end.FreeBytes:N0} free, {end.MetadataBytes:N0} of tables, resident {growth:N0} more than at the start, {_managedBytes} managed bytes by the allocator");
            AssertNothingStays(end, growth, _managedBytes, report);
            Assert.True(neverPassed.Length == 0 || neverPassed == RandomDelays.OfBuffers, $"No thread has been in these windows: {neverPassed}. {report}");
            return report;
        }
        finally
        {
            FaultInjection.Armed = null;
            ProcessLimits.MaximumBytes = null;
        }
    }

    public void Dispose()
    {
        foreach (TortureHeap heap in _heaps)
        {
            heap.Dispose();
        }
    }

    private void Round(TimeSpan length)
    {
        _isOver = false;
        long start = Stopwatch.GetTimestamp();
        List<(Thread Thread, TortureThread Life)> running = [];
        while (!_isOver)
        {
            Thread.Sleep(5);
            _isOver = Stopwatch.GetElapsedTime(start) >= length;
            Harass();
            for (int i = running.Count - 1; i >= 0; i--)
            {
                if (_isOver || !running[i].Thread.IsAlive)
                {
                    End(running[i].Thread, running[i].Life);
                    running.RemoveAt(i);
                }
            }

            while (!_isOver && running.Count < ThreadsAtATime)
            {
                TortureThread life = new(this, ++_threads);
                Thread thread = new(life.Run);
                thread.Start();
                running.Add((thread, life));
            }
        }

        foreach ((Thread thread, TortureThread life) in running)
        {
            End(thread, life);
        }

        Relent();
        _rounds++;
        Check();
    }

    private void End(Thread thread, TortureThread life)
    {
        thread.Join();
        life.Dispose();
        if (life.Error != null)
        {
            Assert.Fail($"Seed {seed}: {life.Error}");
        }

        _calls += life.Calls;
        _refused += life.Refused;
        _managedBytes += IsShort ? life.ManagedBytes : 0;
    }

    // Now and then the system begins to refuse, or stops, and the limit comes down to what is in use, or goes.
    private void Harass()
    {
        if (_random.Next(4) == 0)
        {
            _faults += _system.Refused;
            SystemCall call = Enum.GetValues<SystemCall>()[_random.Next(Enum.GetValues<SystemCall>().Length)];
            FaultMode mode = _random.Next(8) == 0 ? FaultMode.From : FaultMode.Every;
            int error = IsShort || _random.Next(2) == 0 ? 0 : FaultSweepTests.Denied;
            _system.Refuse(new FaultPlan(call, mode, mode == FaultMode.From ? 1 : _random.Next(1, 30), error));
        }

        if (_random.Next(10) == 0)
        {
            ProcessStatistics now = Heap.GetProcessStatistics();
            _peakLiveBytes = long.Max(_peakLiveBytes, now.LiveBytes);
            ProcessLimits.MaximumBytes = _random.Next(2) == 0 ? null : long.Max(now.MappedBytes - now.ReturnedBytes + _random.Next(-4 << 20, 8 << 20), 1 << 20);
        }
    }

    private void Relent()
    {
        _faults += _system.Refused;
        _system.Refuse(new FaultPlan(SystemCall.Alloc, FaultMode.Once, int.MaxValue, 0));
        ProcessLimits.MaximumBytes = null;
    }

    private void Check()
    {
        ThreadTests.Settle();
        TortureBlock[] shared = [.. _left, .. _market.Where(block => block != null).Select(block => block!)];
        TortureBlock[] blocks = [.. shared, .. _heaps.SelectMany(heap => heap.Blocks)];
        foreach (TortureBlock block in blocks)
        {
            block.AssertWhole();
        }

        ref HeapLock pass = ref PassLockOf(ref *HeapProcess.Scavenger);
        pass.Enter();
        try
        {
            Check(shared, blocks);
        }
        finally
        {
            pass.Exit();
        }
    }

    // While the scavenger, too, stands still.
    private static void Check(TortureBlock[] shared, TortureBlock[] blocks)
    {
        HeapStatistics heap = Heap.Shared.GetStatistics();
        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.False(process.IsApproximate);
        Assert.Equal((shared.Length, blocks.Length), (heap.LiveObjects, process.LiveObjects));
        Assert.Equal(heap.SpanBytes, heap.LiveBytes + heap.ThreadCachedBytes + heap.CentralCachedBytes + heap.ReturnedBytes);
        Assert.Equal(process.ReservedBytes, process.MappedBytes + process.UnmappedBytes);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
        HeapInvariants.Check(blocks.Select(block => (nint)block.Address), HeapInvariants.AllArenas());
    }

    private void FreeAll()
    {
        foreach (TortureHeap heap in _heaps)
        {
            heap.Empty();
        }

        for (int i = 0; i < _market.Length; i++)
        {
            Heap.Shared.Free(_market[i] == null ? null : _market[i]!.Address);
            _market[i] = null;
        }

        while (Inherit() is { } block)
        {
            block.AssertWhole();
            Heap.Shared.Free(block.Address);
        }

        ThreadTests.Settle();
        _ = Heap.Trim();
        UseFreePages();
        _ = Heap.Trim();
        Check();
    }

    // Memory that the system has refused to take back is offered again when it has been used.
    private static void UseFreePages()
    {
        List<nint> spans = [];
        foreach (nuint pages in (nuint[])[512, 64, 8, 1])
        {
            PageSpan* span;
            while ((span = HeapProcess.Pages->Alloc(pages, 1, SizeClass.Large, PageHeap.SharedHeapIndex, mayGrow: false)) != null)
            {
                spans.Add((nint)span);
            }
        }

        foreach (nint span in spans)
        {
            HeapProcess.Pages->Free((PageSpan*)span);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_passLock")]
    private static extern ref HeapLock PassLockOf(ref Scavenger scavenger);

    private static long Resident()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        // What the runtime has had from the C library for tens of thousands of threads, and freed, stays in that library's hands unless it is told.
        if (NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "malloc_trim", out nint trim))
        {
            _ = ((delegate* unmanaged<nuint, int>)trim)(0);
        }

        return OperatingSystem.IsLinux() ? ProcessMap.Resident() : 0;
    }

    // What a class keeps, and system pages that are in use in part, are all that may stay. The collector's own memory is within the growth.
    private static void AssertNothingStays(ProcessStatistics end, long growth, long managedBytes, string report)
    {
        Assert.True((end.LiveObjects, end.LiveBytes, end.ThreadCachedBytes) == (0, 0, 0), report);
        Assert.True(end.CentralCachedBytes + end.FreeBytes <= 1 << 20, report);
        Assert.True(growth <= 16 << 20, report);
        Assert.True(managedBytes == 0, report);
    }
}
