// What is kept of one place of GuardedPages: the span of its object, and what a report needs, in bytes that can be read when nothing else can: by the handler of a fault, at the instruction that has just failed.
//
// Written by who has the place: by the allocation before the object is its caller's, by the free before its memory goes. Read by anybody, without a lock.

using System;
using System.Globalization;
using System.Text.Unicode;

namespace NativeHeap.Pages;

/// <summary>What has become of the object that a place had last.</summary>
internal enum GuardedState
{
    /// <summary>There has been none.</summary>
    None,

    /// <summary>It is in use.</summary>
    Live,

    /// <summary>It was freed.</summary>
    Freed,
}

/// <summary>A short text, in UTF-8.</summary>
internal unsafe struct GuardedText
{
    /// <summary>The most bytes of it; what is longer is cut.</summary>
    public const int Capacity = 124;

    private const int LineDigits = 12;

    /// <summary>Its bytes.</summary>
    public fixed byte Bytes[Capacity];

    /// <summary>How many there are.</summary>
    public int Length;

    /// <summary>The name of a file of a path of any system: it is the compiler's, which need not have run on this one.</summary>
    public static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> path) => path[(path.LastIndexOfAny('/', '\\') + 1)..];

    /// <summary>Makes it a line of a file, such as <c>OrderBook.cs:88</c>, or for line 0 what stands in the file's place. Allocates nothing.</summary>
    public void Set(string file, int line)
    {
        if (line == 0)
        {
            Set(file);
            return;
        }

        Span<char> text = stackalloc char[Capacity];
        ReadOnlySpan<char> name = NameOf(file);
        name = name[..int.Min(name.Length, Capacity - LineDigits)];
        name.CopyTo(text);
        text[name.Length] = ':';
        _ = line.TryFormat(text[(name.Length + 1)..], out int digits, provider: CultureInfo.InvariantCulture);
        Set(text[..(name.Length + 1 + digits)]);
    }

    /// <summary>Makes it another text. Allocates nothing.</summary>
    public void Set(ReadOnlySpan<char> text)
    {
        fixed (byte* bytes = Bytes)
        {
            _ = Utf8.FromUtf16(text, new Span<byte>(bytes, Capacity), out _, out Length);
        }
    }
}

/// <summary>Who did something to an object, and where.</summary>
internal struct GuardedStamp
{
    /// <summary>The number that the runtime gives the thread; 0 if it is not known.</summary>
    public int Thread;

    /// <summary>The thread's name; empty if it has none.</summary>
    public GuardedText Name;

    /// <summary>The line of code; empty if it is not known.</summary>
    public GuardedText Site;

    /// <summary>Says that it is the calling thread that does it.</summary>
    public void Set()
    {
        Thread = Environment.CurrentManagedThreadId;
        Name.Set(System.Threading.Thread.CurrentThread.Name);
    }
}

/// <summary>A place, and its object.</summary>
internal struct GuardedPlace
{
    /// <summary>The object's span. First, so that a pointer to it is one to the place.</summary>
    public PageSpan Span;

    /// <summary>What has become of the object.</summary>
    public GuardedState State;

    /// <summary>Whether memory of it is accessible that should not be, since the system refused.</summary>
    public bool IsOpen;

    /// <summary>The next place of the queue, by its number.</summary>
    public int Next;

    /// <summary>The object's type; empty if it is not known.</summary>
    public GuardedText Type;

    /// <summary>Its allocation.</summary>
    public GuardedStamp Allocated;

    /// <summary>Its free.</summary>
    public GuardedStamp Freed;
}
