using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.SizeClasses;

using Xunit;

using static NativeHeap.Tests.Central.CentralFixture;

namespace NativeHeap.Tests.Central;

/// <summary>Central caches against a model that knows of every slot where it is.</summary>
public sealed unsafe class CentralModelTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public void Random_walk_over_several_classes_and_heaps(int seed, bool anyOrder)
    {
        Random random = new(seed);
        CentralFixture fixture = new();
        CentralSet* otherHeap = fixture.Indexes->Take();
        fixture.Set->OrderSeed = otherHeap->OrderSeed = anyOrder ? (ulong)seed : 0;
        Model[] models =
        [
            new(fixture.Central(8)),
            new(fixture.Central(64)),
            new(CentralSet.GetOrCreate(fixture.Set, fixture.Central(64)->SpanClass ^ 1)),
            new(CentralSet.GetOrCreate(otherHeap, fixture.Central(64)->SpanClass)),
            new(fixture.Central(1100)),
            new(fixture.Central(9000)),
            new(fixture.Central(32768)),
        ];
        for (int step = 0; step < LongTests.Scale(4_000, 100_000); step++)
        {
            Model model = models[random.Next(models.Length)];
            model.Step(random);
            model.AssertCounts();
            if (step % 50 == 0)
            {
                Assert.Equal(models.Sum(one => one.SpanBytes), (long)fixture.Pages->GetTotals().Span);
                Assert.Equal(models.Sum(one => one.Live.Count), models.SelectMany(one => one.Live).Distinct().Count());
            }
        }

        foreach (Model model in models)
        {
            model.GiveAll();
            Assert.Equal(0, model.SpanBytes);
        }

        fixture.Set->ReleaseAll();
        otherHeap->ReleaseAll();
        Assert.Equal((nuint)0, fixture.Pages->GetTotals().Span);
        Assert.Equal(fixture.Pages->GetTotals().Mapped, fixture.Pages->GetTotals().Free);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1024)]
    [InlineData(24576)]
    public void Threads_never_get_a_slot_that_another_has(int size)
    {
        const int Threads = 4;
        CentralCache* central = new CentralFixture().Central(size);
        int rounds = LongTests.Scale(1_500, 40_000);
        int errors = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(1, Threads).Select(number => new Thread(() => Interlocked.Add(ref errors, Work(central, number, rounds)))),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, errors);
        _ = central->DrainDepot(long.MaxValue);
        CentralFixture.AssertCounts(central, live: 0, depot: 0);
        Assert.InRange(central->GetCounts().SpanBytes, 0, SizeClass.Pages(SizeClass.FromSpanClass(central->SpanClass)) * SizeClass.PageSize);
    }

    // Takes slots, writes its number into them and finds it there again, and gives them back by every way there is.
    private static int Work(CentralCache* central, int number, int rounds)
    {
        Random random = new(number);
        int errors = 0;
        void** slots = stackalloc void*[CentralCache.RefillBatch];
        Magazine* magazine = central->TakeEmpty();
        List<nint> own = [];
        for (int round = 0; round < rounds; round++)
        {
            if (own.Count < 200 && random.Next(2) == 0)
            {
                int got = central->Refill(slots, random.Next(1, 65), mayGrow: true);
                Keep(new ReadOnlySpan<nint>(slots, got));
            }
            else if (random.Next(3) == 0)
            {
                Magazine* taken = central->TakeFromDepot(magazine, random.Next(1, central->MagazineCapacity + 1));
                if (taken != null)
                {
                    Keep(new ReadOnlySpan<nint>(Magazine.Slots(taken), taken->Count));
                    taken->Count = 0;
                    magazine = taken;
                }
            }
            else
            {
                int count = int.Min(own.Count, int.Min(random.Next(1, 33), central->MagazineCapacity));
                nint[] back = [.. own[^count..]];
                own.RemoveRange(own.Count - count, count);
                foreach (nint slot in back)
                {
                    errors += *(long*)slot == number ? 0 : 1;
                    *(long*)slot = 0;
                }

                back.CopyTo(new Span<nint>(Magazine.Slots(magazine), count));
                magazine->Count = count;
                Magazine* empty = random.Next(2) == 0 ? central->GiveToDepot(magazine) : null;
                if (empty == null)
                {
                    errors += Give(central, back) == 0 ? 0 : 1;
                    magazine->Count = 0;
                }
                else
                {
                    magazine = empty;
                }
            }
        }

        foreach (nint slot in own)
        {
            errors += *(long*)slot == number ? 0 : 1;
            *(long*)slot = 0;
        }

        errors += Give(central, [.. own]) == 0 ? 0 : 1;
        central->GiveEmpty(magazine);
        return errors;

        void Keep(ReadOnlySpan<nint> taken)
        {
            foreach (nint slot in taken)
            {
                // Fresh memory is zero, and so is what has been given back.
                errors += *(long*)slot == 0 ? 0 : 1;
                *(long*)slot = number;
                own.Add(slot);
            }
        }
    }

    private sealed class Model(CentralCache* central)
    {
        private readonly HashSet<nint> _depot = [];
        private readonly List<nint> _freed = [];
        private readonly CentralCache* _central = central;
        private readonly int _sizeClass = NativeHeap.SizeClasses.SizeClass.FromSpanClass(central->SpanClass);
        private Magazine* _magazine = central->TakeEmpty();

        public HashSet<nint> Live { get; } = [];

        public int SizeClass => _sizeClass;

        public long SpanBytes => _central->GetCounts().SpanBytes;

        public void Step(Random random)
        {
            switch (random.Next(100))
            {
                case < 40 when Live.Count < 3_000:
                    Refill(random.Next(1, 100));
                    break;
                case < 70:
                    Flush(random, random.Next(1, 33));
                    break;
                case < 80:
                    GiveToDepot(random);
                    break;
                case < 90:
                    TakeFromDepot(random.Next(1, _central->MagazineCapacity + 1));
                    break;
                case < 98:
                    FlushBad(random);
                    break;
                case 98:
                    Reset();
                    break;
                default:
                    _ = _central->DrainDepot(long.MaxValue);
                    _freed.AddRange(_depot);
                    _depot.Clear();
                    break;
            }
        }

        public void AssertCounts() => CentralFixture.AssertCounts(_central, Live.Count, _depot.Count);

        public void GiveAll()
        {
            Assert.Equal(0, Give(_central, [.. Live]));
            Live.Clear();
            _ = _central->DrainDepot(long.MaxValue);
            _depot.Clear();
            _central->ReleaseIdle();
            AssertCounts();
        }

        private void Reset()
        {
            long before = SpanBytes;
            _freed.AddRange(Live);
            _freed.AddRange(_depot);
            Live.Clear();
            _depot.Clear();
            _central->Reset();
            Assert.InRange(SpanBytes, 0, before);
        }

        private void Refill(int wanted)
        {
            void** slots = stackalloc void*[CentralCache.RefillBatch];
            int got = _central->Refill(slots, wanted, mayGrow: true);
            Assert.InRange(got, 1, int.Min(wanted, CentralCache.RefillBatch));
            foreach (nint slot in new ReadOnlySpan<nint>(slots, got))
            {
                Assert.True(Live.Add(slot) && !_depot.Contains(slot), "A slot was handed out twice.");
            }
        }

        private void Flush(Random random, int count)
        {
            nint[] some = Some(random, count);
            Assert.Equal(0, Give(_central, some));
            Live.ExceptWith(some);
            _freed.AddRange(some);
        }

        // What was freed and not handed out again, perhaps with its span gone or serving another class; or the middle of a slot.
        private void FlushBad(Random random)
        {
            nint bad = 0;
            if (random.Next(2) == 0 && Live.Count > 0)
            {
                bad = Some(random, 1)[0] + random.Next(1, _central->SlotSize);
            }
            else if (_freed.Count > 0)
            {
                nint freed = _freed[random.Next(_freed.Count)];
                bad = Live.Contains(freed) || _depot.Contains(freed) ? 0 : freed;
            }

            if (bad != 0)
            {
                nint[] good = Some(random, random.Next(5));
                Assert.Equal(bad, Give(_central, [.. good, bad]));
                Live.ExceptWith(good);
                _freed.AddRange(good);
            }
        }

        private void GiveToDepot(Random random)
        {
            nint[] some = Some(random, random.Next(1, _central->MagazineCapacity + 1));
            some.CopyTo(new Span<nint>(Magazine.Slots(_magazine), some.Length));
            _magazine->Count = some.Length;
            Magazine* empty = some.Length == 0 ? null : _central->GiveToDepot(_magazine);
            if (empty == null)
            {
                Assert.Equal(some, Content(_magazine));
                _magazine->Count = 0;
            }
            else
            {
                Assert.Equal(0, empty->Count);
                _magazine = empty;
                Live.ExceptWith(some);
                _depot.UnionWith(some);
            }
        }

        private void TakeFromDepot(int limit)
        {
            Magazine* taken = _central->TakeFromDepot(_magazine, limit);
            Assert.Equal(_depot.Count == 0, taken == null);
            if (taken != null)
            {
                Assert.InRange(taken->Count, 1, limit);
                foreach (nint slot in Content(taken))
                {
                    Assert.True(_depot.Remove(slot) && Live.Add(slot), "A slot came from the depot that was not in it.");
                }

                taken->Count = 0;
                _magazine = taken;
            }
        }

        private nint[] Some(Random random, int count)
        {
            // Neighbours, as they were handed out, or from all over.
            nint[] live = [.. Live];
            count = int.Min(count, live.Length);
            if (random.Next(2) == 0)
            {
                random.Shuffle(live);
                return live[..count];
            }

            int first = random.Next(live.Length - count + 1);
            return live[first..(first + count)];
        }
    }
}
