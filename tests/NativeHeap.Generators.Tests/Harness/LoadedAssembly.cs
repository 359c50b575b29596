// A compiled assembly in a load context of its own. NativeHeap and the framework resolve to those the tests themselves run on.

using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.Loader;

namespace NativeHeap.Generators.Tests.Harness;

internal sealed class LoadedAssembly : IDisposable
{
    private readonly AssemblyLoadContext _context = new("Consumer", isCollectible: true);

    public LoadedAssembly(byte[] image, params IEnumerable<byte[]> dependencies)
    {
        foreach (byte[] dependency in dependencies)
        {
            Load(dependency);
        }

        Assembly = Load(image);
    }

    public Assembly Assembly { get; }

    /// <summary>The assembly and its dependencies.</summary>
    public IEnumerable<Assembly> All => _context.Assemblies;

    public void Dispose() => _context.Unload();

    private Assembly Load(byte[] image)
    {
        using MemoryStream stream = new(image);
        return _context.LoadFromStream(stream);
    }
}
