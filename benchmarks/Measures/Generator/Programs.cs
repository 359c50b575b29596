// The sources that `generator` has compiled: as many annotated structs as a large game or exchange might have, and methods with something, nothing or much to follow.
//
// The methods are copies of one another under other names, so that time a method means something; the one with ownership has what makes flow analyses dear: a loop, branches, a try
// with catch and finally, two objects and an owner, and a list whose references its own additions end.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace NativeHeap.Benchmarks.Measures.Generator;

internal static class Programs
{
    private const string Order = """
        using System;
        using NativeHeap;

        [NativeAllocated] public unsafe partial struct Order { public long Id; public long Price; public Order* Next; }

        """;

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp13);
    private static readonly CSharpCompilationOptions s_options = new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
    private static readonly MetadataReference[] s_references = [.. References()];

    public static CSharpParseOptions ParseOptions => s_parse;

    /// <summary>A program with a number of annotated structs in files of fifty, and one file without any.</summary>
    public static CSharpCompilation OfStructs(int count)
    {
        List<string> files = ["public static class Elsewhere { public static int Count; }"];
        foreach (int[] some in Enumerable.Range(0, count).Chunk(50))
        {
            StringBuilder file = new("using NativeHeap;\nnamespace Shop;\n");
            foreach (int number in some)
            {
                file.Append(CultureInfo.InvariantCulture, $"[NativeAllocated] public partial struct Order{number} {{ public long Id; public Side{number} Side; public int Quantity; public double Price; }}\n");
                file.Append(CultureInfo.InvariantCulture, $"public struct Side{number} {{ public byte Kind; public short Level; }}\n");
            }

            files.Add(file.ToString());
        }

        return Compile(files);
    }

    /// <summary>A program with a number of methods of one kind.</summary>
    public static CSharpCompilation OfMethods(MethodBody kind, int count)
    {
        string body = kind switch
        {
            MethodBody.Ownership => """
                Order* head = Order.Alloc();
                try
                {
                    using var owner = Order.Rent();
                    for (int i = 0; i < count; i++)
                    {
                        Order* next = Order.Alloc();
                        if (next->Id == i)
                        {
                            next->Next = head;
                            owner.Value.Id += next->Price;
                            ref long price = ref orders[i].Price;
                            orders.Add(*next);
                            Order.Free(next);
                            continue;
                        }

                        switch (i & 3)
                        {
                            case 0: Order.Free(head); head = next; break;
                            case 1: next->Id = i; Order.Free(next); break;
                            default: Order.Free(next); break;
                        }
                    }
                }
                catch (InvalidOperationException)
                {
                    head->Id = 0;
                }
                finally
                {
                    Order.Free(head);
                }
                """,
            MethodBody.Reading => """
                long sum = 0;
                foreach (ref Order order in orders.AsSpan())
                {
                    if (order.Id != count && order.Price > 0)
                    {
                        sum += order.Price * orders[0].Id;
                        order.Id = sum;
                    }
                }

                Console.WriteLine(sum);
                """,
            _ => """
                int[] counts = new int[count];
                for (int i = 0; i < counts.Length; i++)
                {
                    counts[i] = Math.Max(i, counts[Math.Max(0, i - 1)]) + i.ToString().Length;
                    if (counts[i] > 100 && i % 3 == 0)
                    {
                        Console.WriteLine($"{i}: {counts[i]}");
                    }
                }

                Array.Sort(counts);
                """,
        };
        StringBuilder file = new(Order + "public static unsafe class Methods\n{\n");
        for (int i = 0; i < count; i++)
        {
            file.Append(CultureInfo.InvariantCulture, $"public static void M{i}(NativeList<Order> orders, int count)\n{{\n{body}\n}}\n");
        }

        return Compile([file.Append('}').ToString()]);
    }

    private static CSharpCompilation Compile(IEnumerable<string> files)
        => CSharpCompilation.Create("Program", files.Select((text, i) => CSharpSyntaxTree.ParseText(text, s_parse, $"{i}.cs")), s_references, s_options);

    private static IEnumerable<MetadataReference> References()
    {
        string[] wanted =
        [
            "System.Private.CoreLib.dll", "System.Runtime.dll", "System.Collections.dll", "System.Console.dll", "System.Memory.dll", "System.Linq.dll", "System.Runtime.InteropServices.dll", "NativeHeap.dll",
        ];
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => wanted.Contains(Path.GetFileName(path)))
            .Select(path => MetadataReference.CreateFromFile(path));
    }
}

/// <summary>What the methods of a program do.</summary>
internal enum MethodBody
{
    /// <summary>Objects that are handed out, freed and lent.</summary>
    Ownership,

    /// <summary>A collection that is only read and written.</summary>
    Reading,

    /// <summary>Nothing of NativeHeap's.</summary>
    Plain,
}
