using System;
using System.Collections.Generic;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

using Xunit;
using Xunit.Sdk;

namespace NativeHeap.Tests.Faults;

/// <summary>What <see cref="HeapInvariants"/> finds: each kind of damage, done to structures that were well.</summary>
public sealed unsafe class HeapInvariantsTests
{
    private const int Size = 100;

    // Each damages the structures, given a block that is alive, and returns how to repair them.
    private static readonly Dictionary<string, Func<nint, Action>> s_damages = new()
    {
        ["a slot in use is free in its span"] = block => FlipBit(ref SpanOf(block)->Bits[0], (int)((byte*)block - SpanOf(block)->Base) / SpanOf(block)->SlotSize),
        ["a slot is in a magazine twice"] = _ => Set(ref *(nint*)(BinOf()->Top - 1), (nint)(*(BinOf()->Top - 2))),
        ["a magazine holds a block that is alive"] = block => Set(ref *(nint*)(BinOf()->Top - 1), block),
        ["a magazine holds what is no slot"] = block => Set(ref *(nint*)(BinOf()->Top - 1), block + 8),
        ["a slot is nowhere"] = _ => Set(ref *(nint*)&BinOf()->Top, (nint)(BinOf()->Top - 1)),
        ["a bin has another end"] = _ => Set(ref *(nint*)&BinOf()->End, (nint)(BinOf()->End - 1)),
        ["a span counts wrongly"] = block => Set(ref SpanOf(block)->FreeCount, (ushort)(SpanOf(block)->FreeCount - 1)),
        ["a summary is wrong"] = block => Set(ref SpanOf(block)->Summary, (ushort)(SpanOf(block)->Summary ^ 1)),
        ["memory is purged under a slot in use"] = block => Set(ref SpanOf(block)->Purged, 1u),
        ["a span has another class"] = block => Set(ref SpanOf(block)->SpanClass, (byte)(SpanOf(block)->SpanClass ^ 1)),
        ["a span is another heap's"] = block => Set(ref SpanOf(block)->HeapIndex, (ushort)(SpanOf(block)->HeapIndex + 1)),
        ["a page in use is free"] = block => FlipBit(ref FreeBits(block), PageOf(block)),
        ["a free page is in use"] = block => FlipBit(ref FreeBits(block), 60),
        ["a free page is given back"] = block => FlipBit(ref *ArenaOf(block)->ReturnedBits, 60),
        ["the arena map does not know a page"] = block => SetSpan(block, PageOf(block), null, 0),
        ["the arena map knows a page that is not used"] = block => SetSpan(block, 60, SpanOf(block), SpanOf(block)->SpanClass),
        ["the arena map knows another class"] = block => SetSpan(block, PageOf(block), SpanOf(block), SpanOf(block)->SpanClass ^ 1),
        ["a thread may park more than it says"] = _ => Change(() => ThreadRecord.Current->Disallow(64), () => ThreadRecord.Current->Disallow(-64)),
        ["a heap is charged wrongly"] = _ => Change(() => HeapProcess.Shared->Quota.Cancel(64), () => HeapProcess.Shared->Quota.Cancel(unchecked((nuint)(-64)))),
    };

    public static TheoryData<string> Damages { get; } = [.. s_damages.Keys];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_is_found(string damage)
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            nint[] live = MakeBlocks();
            HeapInvariants.Check(live, system.Arenas);
            Action repair = s_damages[damage](live[0]);
            Assert.ThrowsAny<XunitException>(() => HeapInvariants.Check(live, system.Arenas));
            repair();
            HeapInvariants.Check(live, system.Arenas);
        });
    }

    [Fact]
    public void Blocks_that_are_alive_and_said_not_to_be_or_the_other_way_round_are_found()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            nint[] live = MakeBlocks();
            Assert.ThrowsAny<XunitException>(() => HeapInvariants.Check(live[1..], system.Arenas));
            Assert.ThrowsAny<XunitException>(() => HeapInvariants.Check(live[..^1], system.Arenas));
            Assert.ThrowsAny<XunitException>(() => HeapInvariants.Check([.. live, live[0]], system.Arenas));
            Assert.ThrowsAny<XunitException>(() => HeapInvariants.Check([.. live, live[0] + 8], system.Arenas));
            Assert.ThrowsAny<XunitException>(() => HeapInvariants.Check([.. live, (nint)(*BinOf()->Base)], system.Arenas));
            HeapInvariants.Check(live, system.Arenas);
        });
    }

    // Some slots in a bin, some in their span, and a large block at the end.
    private static nint[] MakeBlocks()
    {
        nint[] live = new nint[12];
        for (int i = 0; i < live.Length; i++)
        {
            live[i] = (nint)Heap.Shared.Alloc(i == live.Length - 1 ? 50_000u : Size);
        }

        Heap.Shared.Free((void*)live[10]);
        Heap.Shared.Free((void*)live[9]);
        live = [.. live[..9], live[11]];
        Assert.True(BinOf()->Top - BinOf()->Base >= 2 && SpanOf(live[0])->FreeCount > 0 && PageOf(live[0]) < 60);
        return live;
    }

    private static Bin* BinOf() => ThreadRecord.SharedBin(ThreadRecord.Current, SizeClass.UntypedSpanClassOf(Size));

    private static PageSpan* SpanOf(nint block) => HeapProcess.Pages->Map.SpanOf((void*)block);

    private static HeapArena* ArenaOf(nint block) => HeapProcess.Pages->Map.GetArena(HeapInvariants.ArenaOf(block));

    private static ref ulong FreeBits(nint block) => ref *ArenaOf(block)->FreeBits(0);

    private static int PageOf(nint block) => (int)(((nuint)block >> SizeClass.PageShift) % HeapArena.PageCount);

    private static Action SetSpan(nint block, int page, PageSpan* span, int sharedClass)
    {
        nuint number = (((nuint)block >> SizeClass.PageShift) & ~(nuint)(HeapArena.PageCount - 1)) + (nuint)page;
        void* address = (void*)(number << SizeClass.PageShift);
        nint before = (nint)HeapProcess.Pages->Map.SpanOf(address);
        int classBefore = ArenaMap.SharedClassOf(HeapProcess.Pages->Map.Arenas, address);
        HeapProcess.Pages->Map.SetSpan(number, span, sharedClass);
        return () => HeapProcess.Pages->Map.SetSpan(number, (PageSpan*)before, classBefore);
    }

    private static Action FlipBit(ref ulong word, int bit) => Set(ref word, word ^ (1UL << bit));

    // Native memory, which does not move.
    private static Action Set<T>(ref T place, T value)
        where T : unmanaged
    {
        fixed (T* pointer = &place)
        {
            nint address = (nint)pointer;
            T before = place;
            place = value;
            return () => *(T*)address = before;
        }
    }

    private static Action Change(Action change, Action undo)
    {
        change();
        return undo;
    }
}
