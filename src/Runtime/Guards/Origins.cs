// Who allocated, or freed: the type, by whose stub, and the line of the user's source, where the stub knows it. A word, since each slot of a checked heap keeps one.
//
//     origin = [ type 16 | site 16 ]      type 1 = by an untyped call;   site 0 = not known;   origin 0 = nobody
//
// Types and sites are numbered as they are first met, and what is behind a number is never forgotten nor changed. So the first call of a type, and the first from a line, makes some garbage: of programs that check alone, since else
// nobody asks. What does not fit into the numbers is untyped, or has no site.
//
// A site comes by the thread's record, where whoever knows it writes it around the call (Heaps/CallSite.cs), so that calls have no further parameter for what most of them don't say; else by the stack of the call (SampledStacks.cs).
//
// Numbers are given under a lock; they are looked up without one, in a table that is replaced when it grows.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Threads;

namespace NativeHeap.Guards;

/// <summary>A line of a user's source; or a method, as line 0, where there are no symbols.</summary>
internal readonly record struct SourceLine(string File, int Line)
{
    /// <summary>The line as a report says it.</summary>
    public override string ToString() => Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{GuardedText.NameOf(File)}:{Line}");
}

/// <summary>Numbers types and sites.</summary>
internal static unsafe class Origins
{
    /// <summary>An untyped call's, from somewhere.</summary>
    public const uint Untyped = 1 << SiteBits;

    private const int SiteBits = 16;
    private const int Max = ushort.MaxValue;
    private const int UntypedNumber = 1;

    private static HeapLock s_lock;

    /// <summary>Whether nobody asks, since no heap is checked, or was. Not known before the start, and then not so.</summary>
    public static bool AreIgnored { get; set; }

    /// <summary>The origin of what the stubs of <typeparamref name="T"/> do on a thread, from where it is; 0 if nobody asks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of<T>(ThreadRecord* thread)
        where T : unmanaged
        => AreIgnored ? 0 : TypeNumber<T>.Origin | (thread == null ? 0 : thread->Site);

    /// <summary>The same where that takes no call; 0 otherwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint AtHand<T>(ThreadRecord* thread)
        where T : unmanaged
    {
        uint type = TypeNumber<T>.Known;
        return thread == null || type == 0 ? 0 : type | thread->Site;
    }

    /// <summary>Whether what one origin allocated is of the type that the other frees: either may be untyped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreOfOneType(uint origin, uint other) =>
        (origin ^ other) >> SiteBits == 0 || origin >> SiteBits <= UntypedNumber || other >> SiteBits <= UntypedNumber;

    /// <summary>Whether an origin says its site.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasSite(uint origin) => (origin & Max) != 0;

    /// <summary>The number of a line; 0 if nobody asks, or there are too many.</summary>
    public static uint NumberOf(string file, int line)
    {
        int number = AreIgnored ? 0 : Volatile.Read(ref Numbered.Sites).Find(file, line);
        return (uint)(number != 0 || AreIgnored ? number : AddSite(file, line));
    }

    /// <summary>The name of an origin's type; null for an untyped block.</summary>
    public static string? TypeOf(uint origin)
    {
        int number = (int)(origin >> SiteBits);
        s_lock.Enter();
        string? name = number > UntypedNumber && number < Numbered.Types.Count ? Numbered.Types[number] : null;
        s_lock.Exit();
        return name;
    }

    /// <summary>An origin's site, or null if it is not known.</summary>
    public static SourceLine? SiteOf(uint origin) => Volatile.Read(ref Numbered.Sites).Get((int)(origin & Max));

    private static uint AddType(Type type)
    {
        string name = NameOf(type);
        s_lock.Enter();
        int number = Numbered.Types.Count <= Max ? Numbered.Types.Count : UntypedNumber;
        if (number != UntypedNumber)
        {
            Numbered.Types.Add(name);
        }

        s_lock.Exit();
        return (uint)number << SiteBits;
    }

    private static int AddSite(string file, int line)
    {
        s_lock.Enter();
        int number = Numbered.Sites.Find(file, line);
        if (number == 0 && Numbered.Sites.Count < Max)
        {
            SiteTable sites = Numbered.Sites.WithRoom();
            number = sites.Add(file, line);
            Volatile.Write(ref Numbered.Sites, sites);
        }

        s_lock.Exit();
        return number;
    }

    // Nearly as in source: the arguments of all, Outer<int>.Inner's too, stand at the end, as in Outer.Inner<Int32>.
    private static string NameOf(Type type)
    {
        string name = Plain(type);
        for (Type? outer = type.IsGenericParameter ? null : type.DeclaringType; outer != null; outer = outer.DeclaringType)
        {
            name = $"{Plain(outer)}.{name}";
        }

        return type.IsGenericType ? $"{name}<{string.Join(", ", Array.ConvertAll(type.GetGenericArguments(), NameOf))}>" : name;
    }

    private static string Plain(Type type)
    {
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? type.Name : type.Name[..arity];
    }

    // What has been numbered: apart from what each slow call reads, which needs no static constructor.
    private static class Numbered
    {
        public static readonly List<string> Types = ["", "an untyped block"];
        public static SiteTable Sites = new(64);
    }

    // A number a type, given when it is first asked for.
    private static class TypeNumber<T>
        where T : unmanaged
    {
        private static uint s_origin;

        // Apart from it: 0 for ever where calls are to be asked for their stacks, which the quick ways don't do.
        public static uint Known { get; private set; }

        public static uint Origin
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => s_origin != 0 ? s_origin : Add();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static uint Add()
        {
            // Two threads may give it two numbers at the same time; the first stays.
            uint origin = AddType(typeof(T));
            uint first = Atomic.CompareExchange(ref s_origin, origin, 0);
            origin = first != 0 ? first : origin;
            Known = SampledStacks.AreTaken ? 0 : origin;
            return origin;
        }
    }

    // Sites by number, and numbers by site: the file by its reference, which a literal has for ever, since a path is too long to be read at each call. Under the lock, but for Find and Get.
    private sealed class SiteTable
    {
        private readonly SourceLine?[] _sites;
        private readonly int[] _numbers;

        public SiteTable(int capacity)
        {
            _sites = new SourceLine?[capacity];
            _numbers = new int[2 * capacity];
            Count = 1;
        }

        public int Count { get; private set; }

        public SourceLine? Get(int number) => number < _sites.Length ? _sites[number] : null;

        public int Find(string file, int line)
        {
            for (uint place = PlaceOf(file, line); ; place++)
            {
                int number = Volatile.Read(ref _numbers[place % (uint)_numbers.Length]);
                if (number == 0 || (_sites[number] is { } site && site.Line == line && ReferenceEquals(site.File, file)))
                {
                    return number;
                }
            }
        }

        public int Add(string file, int line)
        {
            int number = Count++;
            _sites[number] = new SourceLine(file, line);
            uint place = PlaceOf(file, line);
            while (_numbers[place % (uint)_numbers.Length] != 0)
            {
                place++;
            }

            Volatile.Write(ref _numbers[place % (uint)_numbers.Length], number);
            return number;
        }

        // Itself, or a larger copy.
        public SiteTable WithRoom()
        {
            if (Count < _sites.Length)
            {
                return this;
            }

            SiteTable copy = new(2 * _sites.Length);
            foreach (SourceLine? site in _sites.AsSpan(1))
            {
                _ = copy.Add(site!.Value.File, site.Value.Line);
            }

            return copy;
        }

        private static uint PlaceOf(string file, int line) => (uint)HashCode.Combine(RuntimeHelpers.GetHashCode(file), line);
    }
}
