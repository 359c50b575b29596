// For measures of memory: code that is compiled while they run would count as the memory of what is measured. So their workers run with a JIT that compiles each method once,
// and all of the allocator's methods are compiled before the count starts.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace NativeHeap.Benchmarks.Measuring;

internal static class Compilation
{
    /// <summary>What such a worker is started with: its methods are compiled once, without tiers.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, string>> Once { get; } = [new("DOTNET_TieredCompilation", "0")];

    /// <summary>Compiles NativeHeap's methods, and those of another type.</summary>
    public static void OfAllocator(Type other)
    {
        foreach (Type type in typeof(Heap).Assembly.GetTypes().Append(other).Where(type => !type.ContainsGenericParameters))
        {
            const BindingFlags Everything = BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            foreach (MethodBase method in type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
            {
                if (!method.IsAbstract && !method.ContainsGenericParameters && method.GetMethodBody() is not null)
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
            }
        }
    }
}
