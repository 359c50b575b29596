// What C# 14 has brought, around owners and collections: extension blocks, the field keyword, null-conditional assignment, operators of compound assignment, partial constructors, lambdas with modifiers. What Roslyn 4.14 does not compile yet
// stands under ROSLYN_5.
#nullable enable

namespace Valid.Recent
{
    [NativeAllocated]
    public unsafe partial struct Quote
    {
        public long Bid;
        public long Ask;
        public Quote* Next;
    }

    public static unsafe class QuoteExtensions
    {
        extension(NativeList<Quote> quotes)
        {
            public long Best => quotes.Count == 0 ? 0 : quotes[0].Bid;

            [return: Borrowed]
            public ref Quote First() => ref quotes[0];

            public void Reset()
            {
                quotes.Clear();
                quotes.Add(default);
            }
        }

        extension(Quote)
        {
            [return: Owned]
            public static Quote* Make(long bid)
            {
                Quote* made = Quote.AllocZeroed();
                made->Bid = bid;
                return made;
            }
        }
    }

    public sealed unsafe class Level
    {
        public NativeList<Quote> Quotes { get; } = new();

        public int Depth { get; set => field = Math.Max(value, field); }

        public NativePointer<Quote> Last
        {
            get;
            set
            {
                if (!field.IsNull)
                {
                    Quote.Free(field);
                }

                field = value;
            }
        }

        public Level? Next { get; set; }
    }

    public struct Sum : IEquatable<Sum>
    {
        private NativeBox<Quote> _total;

        public Sum(long bid) => _total = new NativeBox<Quote>(new Quote { Bid = bid });

        public readonly long Bid => _total.Value.Bid;

#if ROSLYN_5
        public void operator +=(long bid)
#else
        public void Add(long bid)
#endif
        {
            ref Quote total = ref _total.Value;
            total.Bid += bid;
        }

        public readonly void End() => _total.Dispose();

        public readonly bool Equals(Sum other) => _total == other._total;
    }

    public sealed unsafe partial class Feed : IDisposable
    {
        private Quote* _head;

        public partial Feed(long bid);

        public partial event Action? Changed;

        public void Dispose()
        {
            while (_head != null)
            {
                Quote* next = _head->Next;
                Quote.Free(_head);
                _head = next;
            }
        }
    }

    public sealed unsafe partial class Feed
    {
        private Action? _changed;

        public partial Feed(long bid) => _head = Quote.Make(bid);

        public partial event Action? Changed { add => _changed += value; remove => _changed -= value; }
    }

    public static unsafe class Use
    {
        private delegate bool Parse(string text, out long bid);

        public static long All(Level? level)
        {
            level?.Depth = 3;
            level?.Next?.Depth += 1;
            level?.Last = Quote.Make(4);
            long best = level?.Quotes.Best ?? 0;
            level?.Last = default;
            return best;
        }

        public static long Sums()
        {
            Sum sum = new(1);
#if ROSLYN_5
            sum += 2;
#else
            sum.Add(2);
#endif
            long bid = sum.Bid;
            sum.End();
            return bid;
        }

        public static long Lambdas()
        {
            Parse parse = (text, out bid) => long.TryParse(text, out bid);
            Quote* quote = Quote.Make(1);
            try
            {
                return parse("3", out long bid) ? bid + quote->Bid : 0;
            }
            finally
            {
                Quote.Free(quote);
            }
        }

        public static int Spans(Quote[] quotes)
        {
            using NativeList<Quote> list = [.. quotes];
            ReadOnlySpan<Quote> all = quotes;
            foreach (ref readonly Quote quote in all)
            {
                list.Add(in quote);
            }

            list.Reset();
            ref Quote first = ref list.First();
            first.Bid = 1;
            return list.AsSpan().Length;
        }
    }
}
