// Writes random struct declarations, of all forms that C# has for unmanaged types, each built from earlier ones.
//
// The seed decides everything: a failure is repeated by running the test again. Each type carries an upper bound of its size, so that
// nesting and inline arrays stay far below what the loader allows.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace NativeHeap.Generators.Tests.Layout;

internal sealed class RandomStructs(int seed)
{
    private const int MaxBound = 4000;

    private const string Usings = """
        #pragma warning disable
        using System; using System.Collections.Generic; using System.Drawing; using System.Numerics; using System.Text;
        using System.Runtime.CompilerServices; using System.Runtime.InteropServices; using System.Runtime.Intrinsics;

        """;

    private static readonly string[] s_primitives =
        ["bool", "byte", "sbyte", "char", "short", "ushort", "int", "uint", "float", "long", "ulong", "double", "nint", "nuint"];

    private static readonly string[] s_framework =
    [
        "decimal", "Guid", "DateTime", "DateTimeOffset", "TimeSpan", "DateOnly", "TimeOnly", "Half", "Index", "Range", "Int128", "UInt128",
        "Rune", "Complex", "Vector2", "Vector3", "Vector4", "Quaternion", "Matrix3x2", "Matrix4x4", "Vector64<int>", "Vector128<byte>",
        "Vector256<float>", "Vector512<long>", "GCHandle", "NFloat", "Point", "RectangleF",
    ];

    private static readonly string[] s_unknown = ["Vector<int>", "(byte, long)", "CLong", "KeyValuePair<byte, long>"];

    private static readonly string[] s_pointers = ["int*", "void*", "Guid**", "delegate*<int, void>", "delegate* unmanaged<long>"];

    private static readonly string[] s_bufferElements = ["bool", "byte", "char", "short", "int", "float", "long", "double"];

    private readonly Random _random = new(seed);
    private readonly List<Candidate> _structs = [];
    private readonly List<string> _enums = [];
    private readonly List<(string Name, int Arity)> _generics = [];
    private StringBuilder _text = new();
    private string _namespace = "";

    private readonly record struct Candidate(string Name, int Bound);

    /// <summary>Writes a file of structs <c>S0</c>, <c>S1</c> ... in a namespace. They may hold those of files written before.</summary>
    public string Write(string name, int count)
    {
        _text = new StringBuilder($"{Usings}namespace {name};\n");
        _namespace = name;
        WriteEnumsAndGenerics();
        for (int i = 0; i < count; i++)
        {
            WriteStruct($"S{i}");
        }

        return _text.ToString();
    }

    private void WriteEnumsAndGenerics()
    {
        foreach (string underlying in (ReadOnlySpan<string>)["byte", "short", "int", "ulong"])
        {
            _text.Append($"public enum E{underlying} : {underlying} {{ }}\n");
            _enums.Add($"{_namespace}.E{underlying}");
        }

        for (int i = 0; i < 12; i++)
        {
            int arity = _random.Next(1, 3);
            string parameters = arity == 1 ? "<T0> where T0 : unmanaged" : "<T0, T1> where T0 : unmanaged where T1 : unmanaged";
            string fields = Each(_random.Next(1, 5), f => $"public {(Chance(0.6) ? $"T{_random.Next(arity)}" : Pick(s_primitives))} F{f};");
            _text.Append($"{Layout(0.3)}public struct G{i}{parameters} {{ {fields} }}\n");
            _generics.Add(($"{_namespace}.G{i}", arity));
        }
    }

    private void WriteStruct(string name)
    {
        (string declaration, int bound) = _random.Next(100) switch
        {
            < 40 => Plain(name),
            < 55 => Explicit(name),
            < 62 => InlineArray(name),
            < 70 => FixedBuffers(name),
            < 80 => Record(name),
            < 87 => PrimaryConstructor(name),
            < 94 => Properties(name),
            < 96 => SeveralParts(name),
            < 98 => Automatic(name),
            _ => ($"{Layout(0.5)}public struct {name} {{ public const int C = 1; }}", 64),
        };
        _text.Append(declaration).Append('\n');
        if (bound <= MaxBound)
        {
            _structs.Add(new Candidate($"{_namespace}.{name}", bound));
        }
    }

    private (string Declaration, int Bound) Plain(string name)
    {
        Candidate[] fields = Fields(pointers: true, 7);
        string body = $"public const int C = 1; public static int Count; {Public(fields)} {OffsetsMethod(name, fields.Length)}";
        return ($"{Layout(0.35)}public unsafe struct {name} {{ {body} }}", Bound(fields));
    }

    private (string Declaration, int Bound) Explicit(string name)
    {
        Candidate[] fields = Fields(pointers: true, 5);
        string body = Each(fields.Length, i => $"[FieldOffset({_random.Next(Chance(0.5) ? 8 : 40)})] public {fields[i].Name} F{i};");
        return ($"{Layout(1, "Explicit")}public unsafe struct {name} {{ {body} {OffsetsMethod(name, fields.Length)} }}", Bound(fields) + 40);
    }

    private (string Declaration, int Bound) InlineArray(string name)
    {
        Candidate element = Field(pointers: false);
        int length = _random.Next(1, 8);
        return ($"[InlineArray({length})] public struct {name} {{ private {element.Name} _first; }}", element.Bound * length * 2);
    }

    private (string Declaration, int Bound) FixedBuffers(string name)
    {
        Candidate[] fields = Fields(pointers: true, 3);
        string body = Each(fields.Length, i => $"public {fields[i].Name} F{i}; public fixed {Pick(s_bufferElements)} B{i}[{_random.Next(1, 9)}];");
        return ($"{Layout(0.3)}public unsafe struct {name} {{ {body} }}", Bound(fields) + (72 * fields.Length));
    }

    private (string Declaration, int Bound) Record(string name)
    {
        Candidate[] fields = Fields(pointers: false, 4);
        Candidate extra = Field(pointers: false);
        string parameters = string.Join(", ", fields.Select(static (f, i) => $"{f.Name} P{i}"));
        string head = $"public {(Chance(0.5) ? "readonly " : "")}record struct {name}({parameters})";
        return ($"{head} {{ public readonly {extra.Name} Extra = default; }}", Bound([.. fields, extra]));
    }

    private (string Declaration, int Bound) PrimaryConstructor(string name)
    {
        Candidate[] fields = Fields(pointers: false, 4);
        Candidate extra = Field(pointers: false);
        string parameters = string.Join(", ", fields.Select(static (f, i) => $"{f.Name} p{i}"));
        string captures = Each(fields.Length, i => Chance(0.7) ? $"public {fields[i].Name} Get{i}() => p{i};" : "");
        return ($"public struct {name}({parameters}) {{ private {extra.Name} _extra = default; {captures} }}", Bound([.. fields, extra]));
    }

    private (string Declaration, int Bound) Properties(string name)
    {
        Candidate[] fields = Fields(pointers: true, 5);
        string body = Each(fields.Length, i => $"{(Chance(0.6) ? $"public {fields[i].Name} P{i} {{ get; set; }}" : $"private {fields[i].Name} _f{i};")}");
        return ($"public unsafe struct {name} {{ {body} }}", Bound(fields));
    }

    private (string Declaration, int Bound) SeveralParts(string name)
    {
        Candidate[] fields = Fields(pointers: true, 3);
        string other = Chance(0.3) ? "public int Other;" : "public static int Other; public int Computed => 1;";
        return ($"public unsafe partial struct {name} {{ {Public(fields)} }} public partial struct {name} {{ {other} }}", Bound(fields) + 8);
    }

    private (string Declaration, int Bound) Automatic(string name)
    {
        Candidate[] fields = Fields(pointers: true, 4);
        return ($"[StructLayout(LayoutKind.Auto)] public unsafe struct {name} {{ {Public(fields)} }}", Bound(fields));
    }

    // Where each field really is; a third of the structs that can say so do.
    private string OffsetsMethod(string name, int fields)
    {
        string offsets = string.Join(", ", Enumerable.Range(0, fields).Select(static i => $"(int)((byte*)&s.F{i} - b)"));
        return Chance(0.33) ? $"public static int[] Offsets() {{ {name} s = default; byte* b = (byte*)&s; return [{offsets}]; }}" : "";
    }

    private string Layout(double probability, string kind = "Sequential")
    {
        string pack = Chance(0.6) ? $", Pack = {Pick(["0", "1", "2", "4", "8", "16", "32", "64", "128"])}" : "";
        string size = Chance(0.4) ? $", Size = {_random.Next(0, 61)}" : "";
        return Chance(probability) ? $"[StructLayout(LayoutKind.{kind}{pack}{size})] " : "";
    }

    private static string Public(Candidate[] fields) => Each(fields.Length, i => $"public {fields[i].Name} F{i};");

    private static string Each(int count, Func<int, string> format) => string.Join(" ", Enumerable.Range(0, count).Select(format));

    private Candidate[] Fields(bool pointers, int max) => [.. Enumerable.Range(0, _random.Next(1, max + 1)).Select(_ => Field(pointers))];

    private Candidate Field(bool pointers) => _random.Next(1000) switch
    {
        < 450 => new(Pick(s_primitives), 8),
        < 550 => new(Pick(s_framework), 64),
        < 555 => new(Pick(s_unknown), 64),
        < 600 when pointers => new(Pick(s_pointers), 8),
        < 660 => new(Pick(_enums), 8),
        < 720 => Field(pointers: false) is var inner && !inner.Name.EndsWith('?') ? new(inner.Name + "?", inner.Bound * 2) : inner,
        < 800 => Generic(),
        _ => Earlier(),
    };

    private Candidate Generic()
    {
        (string name, int arity) = Pick(_generics);
        Candidate[] arguments = [.. Enumerable.Range(0, arity).Select(_ => Earlier())];
        return new($"{name}<{string.Join(", ", arguments.Select(static a => a.Name))}>", (arguments.Sum(static a => a.Bound) * 8) + 100);
    }

    // Recent structs and small ones, so that depth grows and size does not.
    private Candidate Earlier()
    {
        for (int i = 0; i < 4 && _structs.Count != 0; i++)
        {
            Candidate candidate = _structs[Chance(0.5) ? _random.Next(_structs.Count) : Math.Max(0, _structs.Count - 1 - _random.Next(40))];
            if (candidate.Bound < MaxBound / 10)
            {
                return candidate;
            }
        }

        return new(Pick(s_primitives), 8);
    }

    private static int Bound(Candidate[] fields) => fields.Sum(static f => f.Bound + 64) + 61;

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
}
