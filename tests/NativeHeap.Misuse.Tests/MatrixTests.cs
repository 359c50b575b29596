// The matrix of patterns and levels, and what is promised of it. UPDATE_SNAPSHOTS=1 writes it into docs/hardening.md.

extern alias probe;

using System;
using System.IO;
using System.Linq;

using probe::NativeHeap.MisuseProbe;
using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Misuse.Tests;

/// <summary>Every pattern at every level, each in a process that it may end.</summary>
public sealed class MatrixTests(Matrix matrix) : IClassFixture<Matrix>
{
    private const string Begin = "<!-- matrix: written by tests/NativeHeap.Misuse.Tests -->\n";
    private const string End = "<!-- end of the matrix -->\n";

    // The pointer is that of the next object by then, which is freed; its own free is then the one that is told.
    private static readonly string[] s_lateAtBasic = ["double_free_single_reuse"];

    [Fact]
    public void Every_free_that_is_wrong_is_refused_at_once_at_basic_but_for_one_that_frees_the_next_object() =>
        Assert.All(Patterns.All.Where(static pattern => pattern.Mistake == Mistake.Free), pattern =>
        {
            Outcome expected = s_lateAtBasic.Contains(pattern.Name) ? Outcome.Late : Outcome.AtOnce;
            Assert.All(matrix.Of(pattern, Mode.All.Single(static mode => mode.Level == CheckLevel.Basic)), cell => Assert.True(cell.Outcome == expected, $"{pattern.Name}, {cell.Cell.Kind}: {cell.Outcome}"));
        });

    [Fact]
    public void The_documentation_shows_the_matrix_as_it_is()
    {
        string path = Repository.PathOf("docs", "hardening.md");
        string document = File.ReadAllText(path);
        int begin = document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = document.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{path} has no place for the matrix.");
        string actual = $"""

            {MatrixTable.Write(matrix, Patterns.MimallocBench)}
            And what mimalloc-bench has no pattern for:

            {MatrixTable.Write(matrix, Patterns.Ours)}

            """.ReplaceLineEndings("\n");
        string expected = document[begin..end];
        if (actual != expected && Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, document[..begin] + actual + document[end..]);
            return;
        }

        Assert.True(actual == expected, $"The matrix in {path} is not what has happened; UPDATE_SNAPSHOTS=1 accepts it:\n{actual}");
    }
}
