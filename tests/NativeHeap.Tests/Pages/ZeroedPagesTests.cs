using System;
using System.Collections.Generic;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>What the page heap knows of pages that read as zero, by table: what is taken and freed, and whether it needs zeroing. Places are pages from the first; all that is taken is read and filled.</summary>
public sealed unsafe class ZeroedPagesTests
{
    private const int LargeClass = SizeClass.Large;
    private const bool Clean = false;
    private const bool Used = true;

    private static readonly Dictionary<string, Operation[]> s_rows = new()
    {
        ["never used"] = [Take(16, at: 0, Clean), Take(16, at: 16, Clean)],
        ["used before"] = [Take(16, at: 0, Clean), Free(0), Take(16, at: 0, Used)],
        ["used before, in part"] = [Take(16, at: 0, Clean), Take(8, at: 16, Clean), Free(16), Take(16, at: 16, Used), Take(8, at: 32, Clean)],
        ["used before, and then the rest"] = [Take(8, at: 0, Clean), Free(0), Take(4, at: 0, Used), Take(4, at: 4, Used), Take(4, at: 8, Clean)],
        ["over two growths"] = [Take(24, at: 0, Clean), Take(100, at: 24, Clean), Take(8, at: 124, Clean)],
        ["a gap that an alignment leaves counts as used"] = [Take(1, at: 0, Clean), Take(8, at: 16, Clean, alignment: 16), Take(15, at: 1, Used), Take(8, at: 24, Clean)],
        ["given back to the system"] = [Take(16, at: 0, Clean), Free(0), Return(), Take(16, at: 0, Clean)],
        ["given back beside used"] = [Take(16, at: 0, Clean), Take(16, at: 16, Clean), Free(0), Return(), Free(16), Take(32, at: 0, Used)],
        ["given back beside never used"] = [Take(16, at: 0, Clean), Free(0), Return(), Take(24, at: 0, Clean)],
        ["given back, Used again"] = [Take(16, at: 0, Clean), Free(0), Return(), Take(16, at: 0, Clean), Free(0), Take(16, at: 0, Used)],
        ["given back twice"] = [Take(16, at: 0, Clean), Free(0), Return(), Take(16, at: 0, Clean), Free(0), Return(), Take(8, at: 0, Clean), Take(8, at: 8, Clean)],
        ["given back while never used"] = [Take(16, at: 0, Clean), Free(0), Return(), Take(32, at: 0, Clean), Free(0), Take(32, at: 0, Used)],
        ["longer, into never used"] = [Take(16, at: 0, Clean), Extend(0, 24, Clean), Take(8, at: 24, Clean)],
        ["longer, into used"] = [Take(16, at: 0, Clean), Take(8, at: 16, Clean), Free(16), Extend(0, 24, Used)],
        ["longer, into given back"] = [Take(16, at: 0, Clean), Take(16, at: 16, Clean), Free(16), Return(), Extend(0, 32, Clean)],
        ["shorter and longer again"] = [Take(16, at: 0, Clean), Shrink(0, 8), Extend(0, 16, Used)],
        ["shorter, and its end to another"] = [Take(16, at: 0, Clean), Shrink(0, 8), Take(8, at: 8, Used), Take(8, at: 16, Clean)],
        ["shorter, its end given back"] = [Take(32, at: 0, Clean), Shrink(0, 16), Return(), Take(16, at: 16, Clean)],
        ["a run that was kept whole"] = [Take(600, at: 0, Clean), Free(0), Take(600, at: 0, Used)],
        ["a run that was kept whole, in part"] = [Take(800, at: 0, Clean), Free(0), Take(600, at: 0, Used), Take(100, at: 600, Used)],
        ["a run that was kept whole, given back"] = [Take(600, at: 0, Clean), Free(0), Return(), Take(600, at: 0, Clean)],
        ["a whole arena"] = [Take(8_192, at: 0, Clean), Free(0), Take(8_192, at: 0, Used)],
    };

    private readonly PageHeap* _heap = PageHeap.Create(MetadataAllocator.Create());
    private readonly Dictionary<int, nint> _spans = [];
    private byte* _start;

    private enum Kind
    {
        Take,
        Free,
        Shrink,
        Extend,
        Return,
    }

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_of_the_table(string name)
    {
        Assert.True(_heap != null);
        foreach (Operation operation in s_rows[name])
        {
            Do(operation);
        }
    }

    private void Do(Operation operation)
    {
        PageSpan* span = _spans.TryGetValue(operation.At, out nint known) ? (PageSpan*)known : null;
        switch (operation.Kind)
        {
            case Kind.Take:
                span = _heap->Alloc((nuint)operation.Pages, (nuint)operation.Alignment, LargeClass, 0, mayGrow: true);
                _start = _start == null ? span->Base : _start;
                Assert.Equal(operation.At, (int)((span->Base - _start) / (nint)SizeClass.PageSize));
                _spans[operation.At] = (nint)span;
                Assert.Equal(operation.NeedsZeroing, span->NeedsZeroing);
                ReadAndFill(span, 0);
                break;
            case Kind.Free:
                _heap->Free(span);
                break;
            case Kind.Shrink:
                _heap->Shrink(span, (nuint)operation.Pages);
                break;
            case Kind.Extend:
                // What it had is used, and what it gets is told by the same flag.
                nuint before = span->PageCount;
                span->NeedsZeroing = false;
                Assert.True(_heap->TryExtend(span, (nuint)operation.Pages));
                Assert.Equal(operation.NeedsZeroing, span->NeedsZeroing);
                ReadAndFill(span, before);
                break;
            default:
                _heap->BeginReturn(PassReach.Full);
                for (nuint end = ScavengeIndex.PassStart; end != 0;)
                {
                    _ = _heap->ReturnRun(ref end, PassReach.Full, keep: 0);
                }

                break;
        }
    }

    // From a page of the span on: zero, if the heap says so. A table whose expectations are all "used" would be no use, nor would a heap that says "clean" of old content.
    private static void ReadAndFill(PageSpan* span, nuint from)
    {
        Span<byte> bytes = new(span->Base + (from * SizeClass.PageSize), (int)((span->PageCount - from) * SizeClass.PageSize));
        Assert.True(span->NeedsZeroing || bytes.IndexOfAnyExcept((byte)0) < 0, "Pages said to be zero hold old content.");
        bytes.Fill(0x5a);
    }

    private static Operation Take(int pages, int at, bool needsZeroing, int alignment = 1) => new(Kind.Take, at, pages, needsZeroing, alignment);

    private static Operation Free(int at) => new(Kind.Free, at);

    private static Operation Shrink(int at, int pages) => new(Kind.Shrink, at, pages);

    private static Operation Extend(int at, int pages, bool needsZeroing) => new(Kind.Extend, at, pages, needsZeroing);

    private static Operation Return() => new(Kind.Return, 0);

    private readonly record struct Operation(Kind Kind, int At, int Pages = 0, bool NeedsZeroing = false, int Alignment = 1);
}
