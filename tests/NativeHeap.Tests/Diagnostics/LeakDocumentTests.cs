using System;
using System.IO;
using System.Text.RegularExpressions;

using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Diagnostics;

/// <summary>docs/leaks.md shows what is printed.</summary>
public sealed unsafe partial class LeakDocumentTests
{
    [Fact]
    public void The_reports_that_the_documentation_shows_are_those_that_are_made()
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "leaks.md")).ReplaceLineEndings();
        foreach (CheckLevel level in (CheckLevel[])[CheckLevel.Off, CheckLevel.Basic])
        {
            using Heap heap = new(new HeapOptions { Name = "book", Check = level });
            NativeTable<Link> table = new(heap);
            table.Add(default, out _).Next = Link.AllocZeroed(heap);
            Link* first = Link.AllocZeroed(heap);
            Link* second = Link.AllocZeroed(heap);
            first->Next = second;
            second->Next = Link.AllocZeroed(heap);
            _ = Order.Alloc(heap);
            AssertShown(document, heap.GetLeakReport().ToString());
            Link.Free(heap, second);
            if (level == CheckLevel.Basic)
            {
                AssertShown(document, Heap.FindReferences(second).ToString());
            }
        }
    }

    private static void AssertShown(string document, string report)
    {
        report = Address().Replace(report, "0x7f24e8000000");
        Assert.True(document.Contains($"```{Environment.NewLine}{report}{Environment.NewLine}```", StringComparison.Ordinal), report);
    }

    [GeneratedRegex("0x[0-9a-f]+")]
    private static partial Regex Address();
}
