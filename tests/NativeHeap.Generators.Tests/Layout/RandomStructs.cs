// Writes random struct declarations, of all forms that C# has for unmanaged types, each built from earlier ones.
//
// The seed decides everything: a failure is repeated by running the test again. Each type carries an upper bound of its size, so that
// nesting and inline arrays stay far below what the loader allows.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace NativeHeap.Generators.Tests.Layout;

internal sealed class RandomStructs(int seed)
{
    private const int MaxBound = 4000;

    private static readonly string[] s_primitives = ["bool", "byte", "sbyte", "char", "short", "ushort", "int", "uint", "float", "long", "ulong", "double", "nint", "nuint"];

    private static readonly string[] s_framework =
    [
        "decimal", "System.Guid", "System.DateTime", "System.DateTimeOffset", "System.TimeSpan", "System.DateOnly", "System.TimeOnly", "System.Half", "System.Index", "System.Range",
        "System.Int128", "System.UInt128", "System.Text.Rune", "System.Numerics.Complex", "System.Numerics.Vector2", "System.Numerics.Vector3", "System.Numerics.Vector4",
        "System.Numerics.Quaternion", "System.Numerics.Matrix3x2", "System.Numerics.Matrix4x4", "System.Runtime.Intrinsics.Vector64<int>", "System.Runtime.Intrinsics.Vector128<byte>",
        "System.Runtime.Intrinsics.Vector256<float>", "System.Runtime.Intrinsics.Vector512<long>", "System.Runtime.InteropServices.GCHandle", "System.Drawing.Point", "System.Drawing.RectangleF",
    ];

    private static readonly string[] s_unknown = ["System.Numerics.Vector<int>", "(byte, long)", "System.Runtime.InteropServices.CLong", "System.Collections.Generic.KeyValuePair<byte, long>"];

    private static readonly string[] s_pointers = ["int*", "void*", "System.Guid**", "delegate*<int, void>", "delegate* unmanaged<long>"];

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
        _text = new StringBuilder($"#pragma warning disable\nnamespace {name};\n");
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
            _text.Append(CultureInfo.InvariantCulture, $"public enum E{underlying} : {underlying} {{ }}\n");
            _enums.Add($"{_namespace}.E{underlying}");
        }

        for (int i = 0; i < 12; i++)
        {
            int arity = _random.Next(1, 3);
            string parameters = arity == 1 ? "T0" : "T0, T1";
            string constraints = string.Concat(Enumerable.Range(0, arity).Select(static p => $" where T{p} : unmanaged"));
            IEnumerable<string> fields = Enumerable.Range(0, _random.Next(1, 5)).Select(f => $"public {(Chance(0.6) ? $"T{_random.Next(arity)}" : Pick(s_primitives))} F{f};");
            _text.Append(CultureInfo.InvariantCulture, $"{(Chance(0.3) ? LayoutAttribute("Sequential") : "")}public struct G{i}<{parameters}>{constraints} {{ {string.Join(" ", fields)} }}\n");
            _generics.Add(($"{_namespace}.G{i}", arity));
        }
    }

    private void WriteStruct(string name)
    {
        int bound = _random.Next(100) switch
        {
            < 40 => WritePlain(name),
            < 55 => WriteExplicit(name),
            < 62 => WriteInlineArray(name),
            < 70 => WriteFixedBuffers(name),
            < 80 => WriteRecord(name),
            < 87 => WritePrimaryConstructor(name),
            < 94 => WriteProperties(name),
            < 96 => WriteSeveralParts(name),
            < 98 => WriteAutomatic(name),
            _ => WriteEmpty(name),
        };
        if (bound <= MaxBound)
        {
            _structs.Add(new Candidate($"{_namespace}.{name}", bound));
        }
    }

    private int WritePlain(string name)
    {
        Candidate[] fields = Fields(pointers: true, 7);
        string declared = string.Join(" ", fields.Select(static (f, i) => $"public {f.Name} F{i};"));
        _text.Append(CultureInfo.InvariantCulture, $"{(Chance(0.35) ? LayoutAttribute("Sequential") : "")}public unsafe struct {name} {{ public const int C = 1; public static int Count; {declared} {OffsetsMethod(name, fields.Length)} }}\n");
        return Bound(fields);
    }

    private int WriteExplicit(string name)
    {
        Candidate[] fields = Fields(pointers: true, 5);
        string declared = string.Join(" ", fields.Select((f, i) => $"[System.Runtime.InteropServices.FieldOffset({_random.Next(Chance(0.5) ? 8 : 40)})] public {f.Name} F{i};"));
        _text.Append(CultureInfo.InvariantCulture, $"{LayoutAttribute("Explicit")}public unsafe struct {name} {{ {declared} {OffsetsMethod(name, fields.Length)} }}\n");
        return Bound(fields) + 40;
    }

    private int WriteInlineArray(string name)
    {
        Candidate element = Field(pointers: false);
        int length = _random.Next(1, 8);
        _text.Append(CultureInfo.InvariantCulture, $"[System.Runtime.CompilerServices.InlineArray({length})] public struct {name} {{ private {element.Name} _first; }}\n");
        return element.Bound * length * 2;
    }

    private int WriteFixedBuffers(string name)
    {
        Candidate[] fields = Fields(pointers: true, 3);
        string[] elements = ["bool", "byte", "char", "short", "int", "float", "long", "double"];
        string declared = string.Join(" ", fields.Select((f, i) => $"public {f.Name} F{i}; public fixed {Pick(elements)} B{i}[{_random.Next(1, 9)}];"));
        _text.Append(CultureInfo.InvariantCulture, $"{(Chance(0.3) ? LayoutAttribute("Sequential") : "")}public unsafe struct {name} {{ {declared} }}\n");
        return Bound(fields) + (72 * fields.Length);
    }

    private int WriteRecord(string name)
    {
        Candidate[] fields = Fields(pointers: false, 4);
        Candidate extra = Field(pointers: false);
        string parameters = string.Join(", ", fields.Select(static (f, i) => $"{f.Name} P{i}"));
        _text.Append(CultureInfo.InvariantCulture, $"public {(Chance(0.5) ? "readonly " : "")}record struct {name}({parameters}) {{ public readonly {extra.Name} Extra = default; }}\n");
        return Bound([.. fields, extra]);
    }

    private int WritePrimaryConstructor(string name)
    {
        Candidate[] fields = Fields(pointers: false, 4);
        Candidate extra = Field(pointers: false);
        string parameters = string.Join(", ", fields.Select(static (f, i) => $"{f.Name} p{i}"));
        string captures = string.Join(" ", fields.Where(_ => Chance(0.7)).Select((f, _) => $"public {f.Name} Get{Array.IndexOf(fields, f)}() => p{Array.IndexOf(fields, f)};").Distinct());
        _text.Append(CultureInfo.InvariantCulture, $"public struct {name}({parameters}) {{ private {extra.Name} _extra = default; {captures} }}\n");
        return Bound([.. fields, extra]);
    }

    private int WriteProperties(string name)
    {
        Candidate[] fields = Fields(pointers: true, 5);
        string declared = string.Join(" ", fields.Select((f, i) => Chance(0.6) ? $"public {f.Name} P{i} {{ get; set; }}" : $"private {f.Name} _f{i}; public {f.Name} P{i} => _f{i};"));
        _text.Append(CultureInfo.InvariantCulture, $"public unsafe struct {name} {{ {declared} }}\n");
        return Bound(fields);
    }

    private int WriteSeveralParts(string name)
    {
        Candidate[] fields = Fields(pointers: true, 3);
        string declared = string.Join(" ", fields.Select(static (f, i) => $"public {f.Name} F{i};"));
        string other = Chance(0.3) ? "public int Other;" : "public static int Other; public int Computed => 1;";
        _text.Append(CultureInfo.InvariantCulture, $"public unsafe partial struct {name} {{ {declared} }} public partial struct {name} {{ {other} }}\n");
        return Bound(fields) + 8;
    }

    private int WriteAutomatic(string name)
    {
        Candidate[] fields = Fields(pointers: true, 4);
        string declared = string.Join(" ", fields.Select(static (f, i) => $"public {f.Name} F{i};"));
        _text.Append(CultureInfo.InvariantCulture, $"[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)] public unsafe struct {name} {{ {declared} }}\n");
        return Bound(fields);
    }

    private int WriteEmpty(string name)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{(Chance(0.5) ? LayoutAttribute("Sequential") : "")}public struct {name} {{ public const int C = 1; }}\n");
        return 64;
    }

    // Where each field really is; a third of the structs that can say so do.
    private string OffsetsMethod(string name, int fields)
        => Chance(0.33)
            ? $"public static int[] Offsets() {{ {name} s = default; byte* b = (byte*)&s; return new int[] {{ {string.Join(", ", Enumerable.Range(0, fields).Select(static i => $"(int)((byte*)&s.F{i} - b)"))} }}; }}"
            : "";

    private string LayoutAttribute(string kind)
    {
        string pack = Chance(0.6) ? $", Pack = {Pick(["0", "1", "2", "4", "8", "16", "32", "64", "128"])}" : "";
        string size = Chance(0.4) ? $", Size = {_random.Next(0, 61)}" : "";
        return $"[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.{kind}{pack}{size})] ";
    }

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
