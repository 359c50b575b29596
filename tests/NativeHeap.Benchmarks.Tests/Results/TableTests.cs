using System.IO;

using NativeHeap.Benchmarks.Results;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Results;

public sealed class TableTests
{
    [Theory]
    [InlineData(null, "-")]
    [InlineData(0.0, "0")]
    [InlineData(0.0168, "0.0168")]
    [InlineData(0.5, "0.50")]
    [InlineData(9.994, "9.99")]
    [InlineData(12.34, "12.3")]
    [InlineData(1234.4, "1234")]
    [InlineData(-1.5, "-1.50")]
    public void A_figure_has_about_three_digits(double? value, string expected) => Assert.Equal(expected, Table.Figure(value));

    [Fact]
    public void Words_stand_to_the_left_and_figures_to_the_right()
    {
        using StringWriter output = new() { NewLine = "\n" };
        SomeTable().Print(output);
        Assert.Equal("cell     ns  peer  ratio\nhot     1.5  mi     2.00\nlonger   12            -\n\n", output.ToString());
    }

    [Fact]
    public void A_page_has_the_same_table()
    {
        using StringWriter output = new() { NewLine = "\n" };
        SomeTable().WriteMarkdown(output);
        Assert.Equal("| cell | ns | peer | ratio |\n| :-- | --: | :-- | --: |\n| hot | 1.5 | mi | 2.00 |\n| longer | 12 |  | - |\n\n", output.ToString());
    }

    [Fact]
    public void What_a_page_takes_for_the_end_of_a_cell_is_escaped()
    {
        Table table = new("a|b");
        using StringWriter output = new();
        table.WriteMarkdown(output);
        Assert.Contains("a\\|b", output.ToString(), System.StringComparison.Ordinal);
    }

    [Fact]
    public void Goals_say_what_came_out_and_what_was_not_measured()
    {
        using StringWriter output = new() { NewLine = "\n" };
        GoalsTable.Print([new("M8.p999", "M8", 1_000, Sense.Max, "ns", 912.4, true, null), new("M1.worst", "M1", 1, Sense.Min, "speed", null, false, "hot/64")], output);
        Assert.Equal("met    M8.p999               912  at most 1,000: ns\nunmet  M1.worst                -  at least 1: speed (not measured: hot/64)\n", output.ToString());
    }

    private static Table SomeTable()
    {
        Table table = new("cell", "ns", "peer", "ratio");
        table.Add("hot", "1.5", "mi", "2.00");
        table.Add("longer", "12", "", "-");
        return table;
    }
}
