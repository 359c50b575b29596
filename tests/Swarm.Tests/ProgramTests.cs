using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

using NativeHeap.Tests;

using Swarm.Pictures;

using Xunit;

namespace Swarm.Tests;

public sealed class ProgramTests : IDisposable
{
    private static readonly string[] s_keys =
        ["frames", "p50", "p99", "p999", "entities", "stale", "checksum", "gcCollections", "allocatedBytes", "bytesAfterUnload"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("swarm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--foo", "unknown option --foo; --help lists those there are")]
    [InlineData("-x", "unknown option -x; --help lists those there are")]
    [InlineData("ships", "unexpected argument 'ships'; --help lists the options")]
    [InlineData("--entities", "--entities has no value; write a number from 1000 to 10000000")]
    [InlineData("--entities 999", "--entities '999' is not possible; write a number from 1000 to 10000000")]
    [InlineData("--entities 10000001", "--entities '10000001' is not possible; write a number from 1000 to 10000000")]
    [InlineData("--entities 1e6", "--entities '1e6' is not possible; write a number from 1000 to 10000000")]
    [InlineData("--entities=", "--entities has no value; write a number from 1000 to 10000000")]
    [InlineData("--seconds 0", "--seconds '0' is not possible; write a number from 1 to 3600")]
    [InlineData("--seconds -1", "--seconds '-1' is not possible; write a number from 1 to 3600")]
    [InlineData("--seconds 1.5", "--seconds '1.5' is not possible; write a number from 1 to 3600")]
    [InlineData("--threads 0", "--threads '0' is not possible; write a number from 1 to 64")]
    [InlineData("--threads 65", "--threads '65' is not possible; write a number from 1 to 64")]
    [InlineData("--seed -1", "--seed '-1' is not possible; write a number from 0 to 2147483647")]
    [InlineData("--seed 99999999999", "--seed '99999999999' is not possible; write a number from 0 to 2147483647")]
    [InlineData("--heap stack", "--heap 'stack' is not possible; write --heap native, managed or both")]
    [InlineData("--heap", "--heap has no value; write --heap native, managed or both")]
    [InlineData("--json", "--json has no value; write --json FILE")]
    [InlineData("--picture --full", "--picture has no value; write --picture FILE")]
    [InlineData("--json no-such-folder/out.json", "--json no-such-folder/out.json: there is no folder no-such-folder; make it first")]
    [InlineData("--picture no-such-folder/a.png", "--picture no-such-folder/a.png: there is no folder no-such-folder; make it first")]
    [InlineData("--full=yes", "--full takes no value, but 'yes' is given")]
    [InlineData("--full --seconds 2", "--full says how many entities and seconds, and so does another option; give one of them")]
    [InlineData("--seconds 1 --seconds 2", "--seconds is given twice; give it once")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string problem)
    {
        (int exit, string output, string errors) = Run(arguments.Split(' '));

        Assert.Equal((2, "", $"Swarm: {problem}{Environment.NewLine}"), (exit, output, errors));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_lists_every_option(string option)
    {
        (int exit, string output, string errors) = Run(option);

        Assert.Equal((0, ""), (exit, errors));
        Assert.All(
            new[] { "--entities", "--seconds", "--full", "--threads", "--seed", "--heap", "--json", "--picture", "--help" },
            name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    [Fact]
    public void A_game_writes_a_table_and_the_keys_of_both_heaps_which_come_to_the_same_end()
    {
        string json = PathOf("out.json");

        // In a process of its own: what is counted is all that the process allocates, and the tests' runner allocates when it likes.
        (int exit, string output) = ThisProgram.Run(new(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Swarm.exe" : "Swarm"), ["--entities", "2000", "--seconds", "1", $"--json={json}"]));

        Assert.True(exit == 0, output);
        Assert.Contains("native", output, StringComparison.Ordinal);
        Assert.Contains("The managed heap's p99.9 is ", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        Assert.Equal(["native", "managed"], document.RootElement.EnumerateObject().Select(heap => heap.Name));
        Assert.All(document.RootElement.EnumerateObject(), heap => Assert.Equal(s_keys, heap.Value.EnumerateObject().Select(key => key.Name)));
        JsonElement native = document.RootElement.GetProperty("native");
        JsonElement managed = document.RootElement.GetProperty("managed");
        Assert.Equal((60, 0, 0), (Figure(native, "frames"), Figure(native, "gcCollections"), Figure(native, "allocatedBytes")));
        Assert.True(Figure(managed, "allocatedBytes") > 0);
        Assert.All(new[] { "entities", "stale" }, key => Assert.Equal(Figure(native, key), Figure(managed, key)));
        Assert.Equal(native.GetProperty("checksum").GetString(), managed.GetProperty("checksum").GetString());
        Assert.Matches("^[0-9a-f]{16}$", native.GetProperty("checksum").GetString());
    }

    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    public void One_heap_alone_has_one_column(string heap)
    {
        string json = PathOf("out.json");

        (int exit, string output, _) = Run("--entities", "1000", "--seconds", "1", "--threads", "1", "--heap", heap, "--json", json);

        Assert.Equal(0, exit);
        Assert.DoesNotContain("The managed heap's p99.9", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        Assert.Equal([heap], document.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--picture")]
    public void A_file_that_cannot_be_written_is_one_line_and_exit_code_1(string option)
    {
        (int exit, _, string errors) = Run("--entities", "1000", "--seconds", "1", "--threads", "1", "--heap", "native", option, PathOf("."));

        Assert.Equal(1, exit);
        Assert.Contains("cannot be written", Assert.Single(errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_film_strip_has_ships_in_every_picture()
    {
        string file = PathOf("film.png");

        Assert.Equal(0, Run("--entities", "2000", "--seconds", "5", "--heap", "native", "--picture", file).Exit);

        PngFile png = PngFile.Read(File.ReadAllBytes(file));
        Assert.Equal((FilmStrip.Width, FilmStrip.Height), (png.Width, png.Height));
        HashSet<string> pictures = [];
        for (int i = 0; i < FilmStrip.Columns * FilmStrip.Rows; i++)
        {
            int left = FilmStrip.Gap + (i % FilmStrip.Columns * (FilmStrip.Side + FilmStrip.Gap));
            int top = FilmStrip.Gap + (i / FilmStrip.Columns * (FilmStrip.Side + FilmStrip.Gap + FilmStrip.Caption));
            byte[] picture = png.Part(left, top, FilmStrip.Side, FilmStrip.Side);
            Assert.InRange(picture.Count(channel => channel > 60), 300, picture.Length / 2);
            Assert.True(pictures.Add(Convert.ToBase64String(picture)));
        }
    }

    [Fact]
    public void Progress_is_shown_between_seconds_when_asked_for()
    {
        using StringWriter output = new();
        using StringWriter errors = new();

        Assert.Equal(0, Program.Run(["--entities", "1000", "--seconds", "2", "--threads", "1"], output, errors, showProgress: true));

        Assert.Contains("\rmanaged heap: second 2 of 2", errors.ToString(), StringComparison.Ordinal);
    }

    private static long Figure(JsonElement heap, string key) => heap.GetProperty(key).GetInt64();

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int exit = Program.Run(arguments, output, errors, showProgress: false);
        return (exit, output.ToString(), errors.ToString());
    }
}
